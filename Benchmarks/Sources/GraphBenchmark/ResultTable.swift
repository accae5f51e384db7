import Foundation

/// The results as one Markdown table, with what the ratios are against the first tool.
struct ResultTable {
  let results: [ToolResult]

  var text: String {
    guard let base = results.first else { return "" }
    let head = [
      "| tool | all to run, s | against \(base.name) | nothing to run, s | against \(base.name) "
        + "| peak memory, MiB |",
      "|---|---:|---:|---:|---:|---:|",
    ]
    let rows = results.map { result in
      let cells = [
        result.name,
        decimals(result.cold.median, 3), decimals(result.cold.median / base.cold.median, 2),
        decimals(result.noop.median, 3), decimals(result.noop.median / base.noop.median, 2),
        decimals(max(result.cold.peakMemory, result.noop.peakMemory), 1),
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
    return (head + rows).joined(separator: "\n")
  }

  private func decimals(_ value: Double, _ count: Int) -> String {
    String(format: "%.\(count)f", value)
  }
}
