import BenchmarkSupport
import Foundation

/// A tool that runs the graph in a folder of its own.
protocol Contestant {
  var name: String { get }
  /// Writes what the tool reads, into an empty folder.
  func prepare(_ graph: LayeredGraph, in folder: String) throws
  /// Runs the graph, and makes sure that exactly so many nodes ran.
  func run(_ graph: LayeredGraph, in folder: String, expecting ran: Int) throws -> ChildProcess
  /// What the graph's last node yielded.
  func lastOutput(_ graph: LayeredGraph, in folder: String) throws -> String
}

struct Ninja: Contestant {
  let name = "ninja"
  let program: String
  let jobs: Int

  func prepare(_ graph: LayeredGraph, in folder: String) throws {
    try graph.ninjaFile.write(
      toFile: "\(folder)/build.ninja",
      atomically: false,
      encoding: .utf8
    )
  }

  func run(_ graph: LayeredGraph, in folder: String, expecting ran: Int) throws -> ChildProcess {
    let process = try ChildProcess.run([program, "-j", String(jobs)], in: folder)
    // The last line of a run that did something: "[1000/1000] cat …".
    let wanted = ran == 0 ? "no work to do" : "[\(ran)/\(ran)]"
    guard process.output.contains(wanted) else {
      throw BenchmarkError("ninja did not say '\(wanted)' but:\n\(process.output)")
    }
    return process
  }

  func lastOutput(_ graph: LayeredGraph, in folder: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(graph.lastName)", encoding: .utf8)
  }
}

struct Distill: Contestant {
  let name = "distill"
  let program: String
  let jobs: Int

  func prepare(_ graph: LayeredGraph, in folder: String) throws {
    try graph.workflow.write(
      toFile: "\(folder)/layers.yaml",
      atomically: false,
      encoding: .utf8
    )
  }

  func run(_ graph: LayeredGraph, in folder: String, expecting ran: Int) throws -> ChildProcess {
    let process = try ChildProcess.run(
      [program, "run", "layers.yaml", "--cache", "cache", "--jobs", String(jobs), "--json"],
      in: folder
    )
    let summary = try summary(process.output)
    let instances = summary["instances"] as? [String: Any] ?? [:]
    guard instances["ran"] as? Int == ran, instances["total"] as? Int == graph.count else {
      throw BenchmarkError("distill was to run \(ran) of \(graph.count) and says: \(instances)")
    }
    return process
  }

  func lastOutput(_ graph: LayeredGraph, in folder: String) throws -> String {
    let again = try run(graph, in: folder, expecting: 0)
    guard let run = try summary(again.output)["id"] as? String else {
      throw BenchmarkError("distill's summary names no run")
    }
    return try ChildProcess.run(
      [program, "get", run, graph.lastName, "--part", "out", "--cache", "cache"],
      in: folder
    ).output
  }

  /// The last line of `run --json`.
  private func summary(_ output: String) throws -> [String: Any] {
    let last = output.split(separator: "\n").last ?? ""
    let value = try JSONSerialization.jsonObject(with: Data(last.utf8))
    guard let summary = value as? [String: Any], summary["type"] as? String == "run" else {
      throw BenchmarkError("distill's last line is no summary of a run: \(last)")
    }
    return summary
  }
}
