import Execution
import Primitives
import Store
import Tasks
import Workflow

/// One scores artifact, where the table names it and what it says.
struct TableSource {
  let slot: String
  let input: InputArtifact
  let summary: JSON

  /// `columns[0]`, `columns.Heading` → the column's own name; nil for the slots of `mark`.
  var heading: (name: String, isGiven: Bool)? {
    guard slot.hasPrefix("columns") else { return nil }
    let rest = slot.dropFirst("columns".count)
    if rest.hasPrefix(".") {
      let name = rest.dropFirst()
      // A wide reference adds `[n]` behind the heading.
      guard name.hasSuffix("]"), let open = name.lastIndex(of: "[") else {
        return (String(name), true)
      }
      return (String(name[..<open]), true)
    }
    let node = input.instance.text.split(separator: "@").first.map(String.init)
    return (node ?? input.instance.text, false)
  }

  /// The rows that were scored and the prompt that they were asked with, as digests.
  var data: String? { summary["data"]?.string }
  var prompt: String? { summary["prompt"]?.string }

  // MARK: - Figures

  /// A figure by its full name; nil where the metric's rows give none.
  func figure(_ name: TableValue) -> TableCell.Figure? {
    guard let metric = summary["metrics"]?[name.metric],
      let figure = metric["figures"]?[name.figure], let value = figure["value"]?.number
    else { return nil }
    // What is stated instead of measured has no interval.
    let isStated = summary["stated"]?.bool ?? false
    return TableCell.Figure(
      value: value,
      low: isStated ? nil : figure["low"]?.number,
      high: isStated ? nil : figure["high"]?.number,
      n: metric["n"]?.int ?? 0
    )
  }

  /// The figure that a word of `value:` means here: `metric.figure`, a metric, which is its main
  /// figure, or the name of a figure that one metric alone has.
  func value(named word: String) throws -> TableValue {
    let steps = word.split(separator: ".", maxSplits: 1).map(String.init)
    if let metric = metrics.first(where: { UTF8Order.equal($0, steps[0]) }) {
      if steps.count == 1 { return TableValue(metric: metric, figure: main(metric), word: word) }
      guard figures(of: metric).contains(steps[1]) else { throw missing(word) }
      return TableValue(metric: metric, figure: steps[1], word: word)
    }
    let having = metrics.filter { figures(of: $0).contains(word) }
    guard having.count == 1 else {
      guard having.isEmpty else {
        throw NodeFailure(
          "'\(word)' is a figure of several metrics of '\(input.instance)'",
          hint: "write one of " + having.map { "\($0).\(word)" }.joined(separator: ", ")
        )
      }
      throw missing(word)
    }
    return TableValue(metric: having[0], figure: word, word: word)
  }

  /// The main figure of the metric that the scores name first.
  func mainValue() throws -> TableValue {
    guard let metric = summary["main_metric"]?.string ?? metrics.first else {
      throw NodeFailure("'\(input.instance)' has no figures to show")
    }
    return TableValue(metric: metric, figure: main(metric), word: metric)
  }

  private func missing(_ word: String) -> NodeFailure {
    NodeFailure(
      "'\(input.instance)' has no figure '\(word)'",
      hint: "it has \(figureNames.joined(separator: ", "))"
    )
  }

  private var metrics: [String] { summary["metrics"]?.object?.keys ?? [] }

  private var figureNames: [String] {
    metrics.flatMap { metric in figures(of: metric).map { "\(metric).\($0)" } }
  }

  /// The figures that a metric has by its declaration, the main one first, also where these rows
  /// give none; else those that stand here.
  private func figures(of metric: String) -> [String] {
    if let declared = Metrics.named(metric)?.figures { return declared }
    if metric == Ratings.name { return Ratings.figures }
    return summary["metrics"]?[metric]?["figures"]?.object?.keys ?? []
  }

  private func main(_ metric: String) -> String { figures(of: metric).first ?? "" }
}

/// A figure that a table shows.
struct TableValue: Hashable, Sendable {
  let metric: String
  let figure: String
  /// As the workflow writes it.
  let word: String

  var name: String { "\(metric).\(figure)" }
}
