import BenchmarkSupport
import Foundation

/// A graph of small commands by ninja and by distill: all to run, and nothing to run.
@main
enum GraphBenchmark {
  static func main() {
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      try run(options)
    } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ options: Options) throws {
    let graph = LayeredGraph(width: options.width, count: options.nodes)
    let parent = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: parent) }

    let ninja = try ToolResult.measure(
      Ninja(program: options.ninja, jobs: options.jobs),
      graph,
      runs: options.runs,
      in: parent
    )
    let distill = try ToolResult.measure(
      Distill(program: options.distill, jobs: options.jobs),
      graph,
      runs: options.runs,
      in: parent
    )
    guard ninja.lastOutput == distill.lastOutput else {
      throw BenchmarkError("the tools disagree on what '\(graph.lastName)' yields")
    }
    print(
      """
      \(graph.count) commands in layers of \(graph.width), each reading two of the layer above; \
      \(options.jobs) at once; median of \(options.runs) runs; \
      \(ProcessInfo.processInfo.processorCount) cores

      \(ResultTable(results: [ninja, distill]).text)
      """
    )
  }

  private static func temporaryFolder() throws -> String {
    let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    let path = "\(base)/graph-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    return path
  }
}
