import ArgumentParser
import Foundation
import Primitives

/// Makes a project that runs as it is.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a project that runs as it is, without a key or a network.",
    discussion: "Writes a workflow, a little data and a .gitignore; overwrites nothing."
  )

  @Argument(help: "The folder; it is made if it is not there.")
  var folder = "."

  func run() throws {
    let share = try ShareFolder.find()
    let files = FileManager.default
    let root = URL(fileURLWithPath: folder).standardizedFileURL
    let starter = URL(fileURLWithPath: share.starter)
    let names = try Self.names(in: starter)
    let existing = names.filter { files.fileExists(atPath: root.appendingPathComponent($0).path) }
    guard existing.isEmpty else {
      Terminal.error(
        "error: '\(root.path)' has \(existing.map { "'\($0)'" }.joined(separator: ", ")) already; "
          + "nothing was written\n  hint: name an empty folder: distill init my-project"
      )
      throw ExitStatus.usage
    }
    for name in names {
      let target = root.appendingPathComponent(name)
      try files.createDirectory(
        at: target.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try files.copyItem(at: starter.appendingPathComponent(name), to: target)
    }
    for name in names { Terminal.output("wrote \(target(name))") }
    Terminal.output("next: distill run \(target("workflow.yaml"))")
  }

  private func target(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

  /// Every file below the starter folder, sorted.
  private static func names(in folder: URL) throws -> [String] {
    let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return all.filter { !ShareFolder.isFolder("\(folder.path)/\($0)") }.sorted()
  }
}
