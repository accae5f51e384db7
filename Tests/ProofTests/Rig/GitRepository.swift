import Foundation
import Primitives
import TestSupport
import Testing

/// A folder that git looks after, asked by git's own command.
struct GitRepository {
  let path: String

  /// What git says; the test fails where git does.
  @discardableResult
  func git(_ arguments: String...) throws -> String {
    let result = try Self.run(["git"] + Self.names + arguments, in: path)
    try #require(result.status == 0, "git \(arguments.joined(separator: " ")): \(result.error)")
    return result.output.trimmingCharacters(in: .newlines)
  }

  /// What git says; nil where it fails.
  func ask(_ arguments: String...) throws -> String? {
    let result = try Self.run(["git"] + Self.names + arguments, in: path)
    return result.status == 0 ? result.output.trimmingCharacters(in: .newlines) : nil
  }

  /// The bytes of a file in a commit.
  func bytes(of file: String, in commit: String) throws -> [UInt8] {
    let result = try Self.run(["git", "cat-file", "blob", "\(commit):\(file)"], in: path)
    try #require(result.status == 0, "\(commit):\(file): \(result.error)")
    return Array(result.output.utf8)
  }

  func write(_ text: String, to file: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(file)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(text.utf8).write(to: url)
  }

  func commit(_ message: String) throws {
    try git("add", "-A")
    try git("commit", "-q", "--allow-empty", "-m", message)
  }

  private static let names = [
    "-c", "user.name=Test", "-c", "user.email=test@example.net", "-c", "gc.auto=0",
    "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main",
  ]

  /// Runs a program with settings of nobody's.
  static func run(_ command: [String], in folder: String) throws -> Tool.Result {
    let outputs = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging([
      "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
    ]) { $1 }
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try outputs.write("", to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(outputs.path)/out")
    process.standardError = FileHandle(forWritingAtPath: "\(outputs.path)/err")
    try process.run()
    return try Running(process: process, outputs: outputs).result()
  }
}
