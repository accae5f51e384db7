import Foundation
import Primitives

/// The file of requests that a batch is made of, on the disk for as long as it is needed.
final class BatchFile {
  let path: String
  private let descriptor: FileHandle

  /// Writes the lines one by one; only one of them is in memory at a time.
  ///
  /// - Throws: `BatchError.unwritable`.
  init(_ lines: some Sequence<[UInt8]>, tag: String) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("\(tag).jsonl").path
    // Readable by this user alone: prompts are nobody else's.
    guard
      FileManager.default.createFile(
        atPath: path,
        contents: nil,
        attributes: [.posixPermissions: 0o600]
      ), let handle = FileHandle(forWritingAtPath: path)
    else {
      throw BatchError.unwritable(
        message:
          "cannot write '\(path)', the file of a batch; see whether the folder for temporary "
          + "files (TMPDIR) has room"
      )
    }
    descriptor = handle
    do {
      try Self.write(lines, to: handle)
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw BatchError.unwritable(message: "cannot write '\(path)', the file of a batch: \(error)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// In pieces of a megabyte: a batch has up to 100,000 lines.
  private static func write(_ lines: some Sequence<[UInt8]>, to handle: FileHandle) throws {
    var buffer: [UInt8] = []
    for line in lines {
      buffer += line
      guard buffer.count >= 1 << 20 else { continue }
      try handle.write(contentsOf: buffer)
      buffer.removeAll(keepingCapacity: true)
    }
    try handle.write(contentsOf: buffer)
    try handle.close()
  }
}
