import Primitives
import Tasks

/// What an evaluation comes to: counts of its rows, and the figures of its metrics.
struct ScoreSummary: Sendable {
  private(set) var rows = 0
  private(set) var invalid = 0
  private(set) var unlabelled = 0
  private(set) var disagreements = 0
  /// The first rows whose readings differ, to look at.
  private(set) var disagreeing: [String] = []
  /// Nil as soon as one row's count is unknown: unknown is not zero.
  private(set) var completionTokens: Int? = 0
  var metrics: [MetricSummary] = []

  /// How many rows a note names.
  private static let named = 5

  mutating func count(_ result: RowResult) {
    rows += 1
    completionTokens = completionTokens.flatMap { sum in
      result.completionTokens.map { sum + $0 }
    }
    if result.state == .invalid { invalid += 1 }
    if result.state == .unlabelled { unlabelled += 1 }
    if !result.readingsAgree {
      disagreements += 1
      if disagreeing.count < Self.named { disagreeing.append(result.id) }
    }
  }

  /// A figure by name, `metric.figure`; nil where the rows do not give it.
  func figure(_ name: String) -> Figure? {
    let steps = name.split(separator: ".").map(String.init)
    guard let summary = metrics.first(where: { $0.name == steps[0] }) else { return nil }
    return steps.count > 1 ? summary[steps[1]] : summary.figures.first?.figure
  }

  /// What the `summary` part of scores holds.
  var json: JSON { .object(object) }

  var object: JSONObject {
    JSONObject([
      ("rows", JSON(rows)), ("invalid", JSON(invalid)), ("unlabelled", JSON(unlabelled)),
      ("disagreements", JSON(disagreements)),
      ("metrics", .object(JSONObject(metrics.map { ($0.name, $0.json) }))),
    ])
  }

  var notes: [String] {
    var notes: [String] = []
    if invalid > 0 { notes.append("\(invalid) of \(rows) answers could not be read") }
    if unlabelled > 0 { notes.append("\(unlabelled) of \(rows) rows have no gold label") }
    if disagreements > 0 {
      notes.append(
        Disagreements.note(rows: disagreements, first: disagreeing, list: "rows")
      )
    }
    return notes
  }
}
