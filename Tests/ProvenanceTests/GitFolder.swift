import Foundation
import TestSupport

/// A folder for one test in which the git command runs, apart from the user's own settings.
struct GitFolder: Sendable {
  let folder: TemporaryFolder
  var path: String { folder.path }

  init() throws { folder = try TemporaryFolder() }

  /// A repository with one commit of `data.txt` and `sub/more.txt`.
  static func withCommit() throws -> GitFolder {
    let made = try GitFolder()
    try made.git("init", "-q", "-b", "main")
    try made.folder.write("one\n", to: "data.txt")
    try made.folder.write("more\n", to: "sub/more.txt")
    try made.git("add", ".")
    try made.git("commit", "-q", "-m", "First")
    return made
  }

  /// Runs git and gives back what it prints, without the last line end.
  @discardableResult
  func git(_ arguments: String..., at subfolder: String = "") throws -> String {
    try run(arguments, at: subfolder)
  }

  @discardableResult
  func run(_ arguments: [String], at subfolder: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: "\(path)/\(subfolder)")
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": path, "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@example.org",
      "GIT_COMMITTER_NAME": "T", "GIT_COMMITTER_EMAIL": "t@example.org",
      // Submodules of the tests come from folders beside them.
      "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow",
      "GIT_CONFIG_VALUE_0": "always",
    ]
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let message = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw GitFailed(arguments: arguments, message: String(decoding: message, as: UTF8.self))
    }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  struct GitFailed: Error {
    let arguments: [String]
    let message: String
  }
}
