import BenchmarkSupport
import Foundation

/// What several runs of one case came to.
struct Measurement {
  /// Wall times, in seconds.
  private(set) var seconds: [Double] = []
  /// The largest of the runs, in MiB.
  private(set) var peakMemory = 0.0

  mutating func add(_ process: ChildProcess) {
    seconds.append(process.seconds)
    peakMemory = max(peakMemory, process.peakMemory)
  }

  /// The middle value; of an even number of runs the mean of the two in the middle.
  var median: Double {
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

/// One tool's two cases.
struct ToolResult {
  let name: String
  /// Everything to run.
  var cold = Measurement()
  /// Nothing to run.
  var noop = Measurement()
  var lastOutput = ""
}

extension ToolResult {
  /// Measures a tool, each cold run in a folder of its own, with one run with nothing to do after it.
  static func measure(
    _ tool: some Contestant,
    _ graph: LayeredGraph,
    runs: Int,
    in parent: String
  ) throws -> ToolResult {
    var result = ToolResult(name: tool.name)
    for run in 1...runs {
      let folder = "\(parent)/\(tool.name)-\(run)"
      try FileManager.default.createDirectory(
        atPath: folder,
        withIntermediateDirectories: false
      )
      try tool.prepare(graph, in: folder)
      result.cold.add(try tool.run(graph, in: folder, expecting: graph.count))
      result.noop.add(try tool.run(graph, in: folder, expecting: 0))
      result.lastOutput = try tool.lastOutput(graph, in: folder)
      try FileManager.default.removeItem(atPath: folder)
    }
    return result
  }
}
