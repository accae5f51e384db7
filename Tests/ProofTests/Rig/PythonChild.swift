import Foundation
import Primitives
import TestSupport

/// A Python that answers lines with lines of JSON, one after the other, and ends with its owner.
///
/// It has a folder of its own for what it copies.
final class PythonChild {
  struct Ended: Error {}

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let copies: TemporaryFolder
  private var buffer: [UInt8] = []

  /// Starts a script, whose first argument is the folder for copies.
  init(_ script: String) throws {
    copies = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, copies.path]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// What it answers to a line.
  func answer(to line: String) throws -> JSON {
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    return try JSON(parsing: try self.line())
  }

  private func line() throws -> [UInt8] {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        defer { buffer.removeFirst(end + 1) }
        return Array(buffer[..<end])
      }
      let bytes = output.fileHandleForReading.availableData
      guard !bytes.isEmpty else { throw Ended() }
      buffer += bytes
    }
  }
}
