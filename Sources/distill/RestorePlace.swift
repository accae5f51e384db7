import Diagnostics
import Foundation
import Primitives
import Store

/// A folder of the store's own for files as they were.
struct RestorePlace {
  /// What goes with `remove`.
  let folder: String
  /// Where a repository's root is restored to: some folders deep, so that files which a workflow
  /// names by `../` have their place too.
  let root: String

  private static let depth = 8

  init(_ store: Store) throws {
    folder = "\(store.path)/scratch/at-\(UUID().uuidString)"
    let levels = (1...Self.depth).map { "\($0)" }.joined(separator: "/")
    root = "\(folder)/\(levels)/tree"
    try FileManager.default.createDirectory(
      atPath: (root as NSString).deletingLastPathComponent,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Puts a file that lies outside of the repository in its place, or looks whether it is still what
  /// it was.
  func putOutside(_ path: String, _ digest: Digest, _ store: Store) async throws -> [Problem] {
    guard path.hasPrefix("/") else { return try await putIfAbsent(path, digest, store) }
    // An absolute path means the same file wherever the rest is restored to.
    let found = try? await store.statCache.digest(ofFileAt: path)
    guard found?.digest != digest else { return [] }
    return [
      Problem(
        found == nil
          ? "'\(path)' is not there any more" : "'\(path)' is not what it was at that time",
        at: nil,
        hint: "put back the file whose SHA-256 is \(digest.hex)"
          + (store.objects.find(digest) == nil
            ? "" : "; the store has it: \(store.objects.path(of: digest))")
      )
    ]
  }

  /// Copies an object to a path below or beside the root, unless there is a file.
  func putIfAbsent(_ path: String, _ digest: Digest, _ store: Store) async throws -> [Problem] {
    let target = URL(fileURLWithPath: "\(root)/\(path)").standardizedFileURL.path
    guard target.hasPrefix("\(folder)/") else { return [Self.missing(path, digest)] }
    guard !FileManager.default.fileExists(atPath: target) else { return [] }
    guard let object = store.objects.find(digest) else { return [Self.missing(path, digest)] }
    let source = try await store.objects.verifiedPath(object)
    try FileManager.default.createDirectory(
      atPath: (target as NSString).deletingLastPathComponent,
      withIntermediateDirectories: true
    )
    try FileManager.default.copyItem(atPath: source, toPath: target)
    return []
  }

  /// Lays out library templates; nil if there are none.
  func putLibrary(
    _ templates: [String: Digest],
    _ store: Store,
    _ missing: inout [Problem]
  ) async throws -> String? {
    guard !templates.isEmpty else { return nil }
    let library = "\(folder)/library"
    for (name, digest) in templates.sorted(by: { UTF8Order.less($0.key, $1.key) }) {
      guard let object = store.objects.find(digest) else {
        missing.append(Self.missing("library template \(name)", digest))
        continue
      }
      let target = "\(library)/\(name).yaml"
      guard URL(fileURLWithPath: target).standardizedFileURL.path == target else { continue }
      try FileManager.default.createDirectory(
        atPath: (target as NSString).deletingLastPathComponent,
        withIntermediateDirectories: true
      )
      let source = try await store.objects.verifiedPath(object)
      try FileManager.default.copyItem(atPath: source, toPath: target)
    }
    return library
  }

  static func missing(_ path: String, _ digest: Digest) -> Problem {
    Problem(
      "'\(ForeignText.line(path))' is not in that commit, and the store does not have its bytes",
      at: nil,
      hint: "put the file whose SHA-256 is \(digest.hex) back, or import a store that has it "
        + "('distill cache import')"
    )
  }
}

/// Paths of files that may not be there any more.
enum ExistingFolder {
  /// The nearest folder at or above a path that is there, its links resolved.
  static func above(_ path: String) -> String {
    var url = URL(fileURLWithPath: path).standardizedFileURL
    while url.path != "/", !ShareFolder.isFolder(url.path) { url = url.deletingLastPathComponent() }
    return url.resolvingSymlinksInPath().path
  }

  /// A path below a folder, whose links are resolved; nil if it is outside.
  static func path(_ path: String, below root: String) -> String? {
    let full = URL(fileURLWithPath: path).standardizedFileURL.path
    var url = URL(fileURLWithPath: full)
    while url.path != "/", !ShareFolder.isFolder(url.path) { url = url.deletingLastPathComponent() }
    let rest = full.dropFirst(url.path.count)
    let resolved = url.resolvingSymlinksInPath().path + rest
    guard resolved.hasPrefix("\(root)/") else { return nil }
    return String(resolved.dropFirst(root.count + 1))
  }
}
