package import Primitives

/// A file that a run's commit names without holding it.
package struct ManifestFile: Hashable, Sendable {
  /// Below the root of the worktree; a file outside as the run called it.
  package let path: String
  package let digest: Digest
  /// In bytes.
  package let size: Int64
  package let isExecutable: Bool

  /// Whether the path leads out of the tree: absolute, or by `..`.
  package var isOutside: Bool {
    path.utf8.starts(with: "/".utf8) || FilePath.steps(path).contains("..")
  }
}

/// What a run's commit holds of the inputs whose bytes are in the store: `.distill/inputs.json`.
struct InputManifest: Hashable {
  static let path = ".distill/inputs.json"
  private static let format: Int64 = 1

  /// Sorted by the bytes of their paths.
  let files: [ManifestFile]

  init(_ files: [ManifestFile]) {
    var sorted = files.sorted { UTF8Order.less($0.path, $1.path) }
    // A run may read a file under two names that lead to one path.
    for index in sorted.indices.dropFirst().reversed() where sorted[index] == sorted[index - 1] {
      sorted.remove(at: index)
    }
    self.files = sorted
  }

  /// Canonical JSON, but with one file a line, so that a difference can be read.
  var bytes: [UInt8] {
    let lines = files.map(\.json.canonicalText).joined(separator: ",\n")
    return Array("{\"files\":[\n\(lines)\n],\"format\":\(Self.format)}\n".utf8)
  }

  /// - Throws: `GitError` that says what is wrong, for bytes that are no manifest.
  init(parsing bytes: [UInt8]) throws(GitError) {
    let json: JSON
    do {
      json = try JSON(parsing: bytes)
    } catch {
      throw Self.unreadable("it is not JSON: \(error)")
    }
    guard json["format"]?.integer == Self.format else {
      throw Self.unreadable("format \(json["format"]?.canonicalText ?? "missing"), expected 1")
    }
    var files: [ManifestFile] = []
    for json in json["files"]?.array ?? [] {
      guard let file = ManifestFile(json) else {
        throw Self.unreadable("expected path, sha256 and size, found \(json.canonicalText)")
      }
      files.append(file)
    }
    self.init(files)
  }

  private static func unreadable(_ reason: String) -> GitError {
    GitError("read '\(path)' of the commit", reason: reason)
  }
}

extension ManifestFile {
  fileprivate var json: JSON {
    var object = JSONObject([
      ("path", .string(path)), ("sha256", .string(digest.hex)), ("size", .integer(size)),
    ])
    if isExecutable { object["executable"] = true }
    return .object(object)
  }

  fileprivate init?(_ json: JSON) {
    guard let path = json["path"]?.string, !path.isEmpty,
      let digest = json["sha256"]?.string.flatMap({ Digest(hex: $0) }),
      let size = json["size"]?.integer, size >= 0
    else { return nil }
    self.init(
      path: path,
      digest: digest,
      size: size,
      isExecutable: json["executable"]?.bool ?? false
    )
  }
}
