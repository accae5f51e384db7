import Foundation
import Primitives
import Store

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder being filled: under a name of its own beside the one wanted, and renamed when whole.
///
/// So a crate is there whole or not at all, whatever happens meanwhile.
struct CrateFolder {
  private let target: String
  private let work: String

  /// Begins a folder that is to be at `target`, where nothing may be yet but an empty folder.
  ///
  /// - Throws: `ExportError` for a target that is there, and for what the system refuses.
  init(at target: String) throws {
    var target = target
    while target.count > 1, target.hasSuffix("/") { target.removeLast() }
    try Self.checkFree(target)
    self.target = target
    work = "\(target).part-\(UInt64.random(in: 0...UInt64.max))"
    guard mkdir(work, 0o777) == 0 else { throw Self.refusal("make folder", work) }
  }

  /// Gives the folder its name.
  func finish() throws {
    // Over an empty folder this is one step; it fails if somebody put something there meanwhile.
    guard Self.rename(work, target) == 0 else { throw Self.refusal("name folder", target) }
  }

  /// Removes what was written.
  func discard() { try? FileManager.default.removeItem(atPath: work) }

  /// Writes a small file.
  func write(_ bytes: [UInt8], to path: String) throws {
    let file = try open(path)
    try file.write(contentsOf: bytes)
    try file.close()
  }

  /// Copies a file while its bytes are hashed.
  ///
  /// - Returns: What was written, for the caller to compare with what it should be; nil where there
  ///   is nothing to read.
  func copy(fileAt source: String, to path: String) throws -> ObjectRef? {
    guard let input = FileHandle(forReadingAtPath: source) else { return nil }
    defer { try? input.close() }
    let output = try open(path)
    var hasher = SHA256Hasher()
    var size = 0
    while let piece = try input.read(upToCount: 256 * 1024), !piece.isEmpty {
      piece.withUnsafeBytes { hasher.update($0) }
      try output.write(contentsOf: piece)
      size += piece.count
    }
    try output.close()
    return ObjectRef(digest: hasher.finalize(), size: size)
  }

  func remove(_ path: String) { unlink("\(work)/\(path)") }

  /// Makes the folders above a file and the file itself, which must be new.
  private func open(_ path: String) throws -> FileHandle {
    var folder = work
    for part in path.split(separator: "/").dropLast() {
      folder += "/\(part)"
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
        throw Self.refusal("make folder", folder)
      }
    }
    let full = "\(work)/\(path)"
    let descriptor = Self.open(full, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.refusal("write", full) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private static func checkFree(_ target: String) throws {
    var status = stat()
    guard lstat(target, &status) == 0 else { return }
    let names = try? FileManager.default.contentsOfDirectory(atPath: target)
    guard status.st_mode & S_IFMT == S_IFDIR, names?.isEmpty == true else {
      throw ExportError(
        "'\(target)' is there already and is no empty folder",
        hint: "name a new folder with -o"
      )
    }
  }

  private static func refusal(_ what: String, _ path: String) -> ExportError {
    let code = errno
    return ExportError("cannot \(what) '\(path)': \(String(cString: strerror(code)))")
  }

  // Under names of their own: the methods here would hide the system's.
  private static func open(_ path: String, _ flags: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.open(path, flags, 0o666)
    #else
      Darwin.open(path, flags, 0o666)
    #endif
  }

  private static func rename(_ source: String, _ target: String) -> Int32 {
    #if canImport(Glibc)
      Glibc.rename(source, target)
    #else
      Darwin.rename(source, target)
    #endif
  }
}
