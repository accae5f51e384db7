import Foundation
import Primitives
import TestSupport

/// The built tool as a user runs it: words in, two streams and an exit code out.
struct Distill {
  struct Result {
    let status: Int32
    let output: String
    let error: String

    /// Standard output as one JSON value a line.
    var events: [JSON] {
      output.split(separator: "\n").compactMap { try? JSON(parsing: Array($0.utf8)) }
    }

    /// The last line of `--json`.
    var summary: JSON { events.last ?? .null }

    func count(_ name: String) -> Int? { summary["instances"]?[name]?.int }
    func calls(_ name: String) -> Int? { summary["calls"]?[name]?.int }
  }

  /// The binary lies beside the test bundle, in whatever folder the build was made.
  static let path: String = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return bundle.deletingLastPathComponent().appendingPathComponent("distill").path
  }()

  static var environment: [String: String] {
    var values = ProcessInfo.processInfo.environment
    values["DISTILL_SHARE"] = "\(ProjectFolder.path)/workflows"
    values["DISTILL_CACHE"] = nil
    values["NO_COLOR"] = "1"
    return values
  }

  /// Starts the tool; its output goes to files, so that no pipe fills up.
  static func start(
    _ arguments: [String],
    in folder: String,
    input: Any? = nil
  ) throws -> (process: Process, outputs: TemporaryFolder) {
    let outputs = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    process.standardInput = input ?? FileHandle.nullDevice
    for name in ["out", "err"] { try outputs.write("", to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(outputs.path)/out")
    process.standardError = FileHandle(forWritingAtPath: "\(outputs.path)/err")
    try process.run()
    return (process, outputs)
  }

  @discardableResult
  static func run(_ arguments: String..., in folder: String) throws -> Result {
    let (process, outputs) = try start(arguments, in: folder)
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus,
      output: try outputs.read("out"),
      error: try outputs.read("err")
    )
  }
}

/// A digest for every output of every instance of a run, by name.
enum Outputs {
  static func digests(ofRunIn folder: String, cache: String = "cache") throws -> [String: String] {
    let shown = try Distill.run("show", "last", "--json", "--cache", cache, in: folder)
    var digests: [String: String] = [:]
    for instance in shown.summary["instances"]?.array ?? [] {
      for part in instance["outputs"]?.object?.members ?? [] {
        let name = "\(instance["id"]?.string ?? "")/\(part.key)"
        digests[name] = part.value["sha256"]?.string
      }
    }
    return digests
  }
}
