import Foundation
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder whose files are whole or not there, whenever the server is killed.
struct StateFolder: Sendable {
  let path: String

  init(_ path: String) throws {
    self.path = path
    try FileManager.default.createDirectory(
      atPath: path,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  func folder(_ name: String) throws -> StateFolder { try StateFolder("\(path)/\(name)") }

  /// Names of the files, less those that a kill left half written.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  func remove(_ name: String) throws(SystemError) {
    guard unlink("\(path)/\(name)") == 0 else {
      throw SystemError("remove", path: "\(path)/\(name)")
    }
    try sync(path)
  }

  /// Writes beside, syncs, renames, syncs the folder: durable on return.
  func write(_ bytes: [UInt8], to name: String) throws {
    let target = "\(path)/\(name)"
    let temporary = "\(path)/.\(name).\(UInt64.random(in: 0 ... .max))"
    try Data(bytes).write(to: URL(fileURLWithPath: temporary))
    try sync(temporary)
    guard rename(temporary, target) == 0 else { throw SystemError("rename", path: target) }
    try sync(path)
  }

  private func sync(_ path: String) throws(SystemError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path: path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw SystemError("sync", path: path) }
  }
}
