import Foundation
import Primitives
import TestSupport
import Testing

/// A repository with a workflow in it, as a user has it; git itself is asked, by its command.
struct GitProject {
  let folder: TemporaryFolder
  var path: String { folder.path }

  /// An empty repository.
  init() throws {
    folder = try TemporaryFolder()
    try git("init", "-q", "-b", "main")
    try folder.write("cache/\n", to: ".gitignore")
  }

  /// A clone of another one, with the commits of its runs.
  init(cloning other: GitProject) throws {
    folder = try TemporaryFolder()
    try git("clone", "-q", other.path, ".")
    try git("fetch", "-q", "origin", "refs/distill/*:refs/distill/*")
  }

  @discardableResult
  func git(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let names = ["-c", "user.name=Test", "-c", "user.email=test@example.net"]
    process.arguments = ["git"] + names + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "git \(arguments.joined(separator: " "))")
    return String(decoding: output, as: UTF8.self)
  }

  func commit(_ message: String = "A change") throws {
    try git("add", "-A")
    try git("commit", "-q", "-m", message)
  }

  func distill(_ arguments: String...) throws -> Distill.Result {
    try Distill.run(arguments, in: path)
  }

  /// Runs `w.yaml`; returns the run's id.
  @discardableResult
  func run(_ arguments: String...) throws -> String {
    let result = try Distill.run(["run", "w.yaml", "--json"] + arguments, in: path)
    try #require(result.status == 0, "\(result.error)")
    return try #require(result.summary["id"]?.string)
  }

  /// Git finds nothing wrong, and nothing of the worktree changed.
  func expectSound(_ status: String = "") throws {
    #expect(try git("fsck", "--strict", "--no-dangling", "--no-progress") == "")
    #expect(try git("status", "--porcelain") == status)
  }

  /// Verdicts of `rerun` by output, `instance/part`.
  static func verdicts(_ result: Distill.Result) -> [String: String] {
    let outputs = result.events.last { $0["type"] == "rerun" }?["outputs"]?.array ?? []
    var verdicts: [String: String] = [:]
    for output in outputs {
      let name = "\(output["instance"]?.string ?? "")/\(output["part"]?.string ?? "")"
      verdicts[name] = output["verdict"]?.string
    }
    return verdicts
  }
}
