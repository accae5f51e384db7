import Primitives

/// The figures in the summary of scores, under names of their own: `accuracy.all`.
struct ScoreFigures {
  /// A figure and, where the summary has one, its 95 % interval.
  struct Figure: Hashable {
    let name: String
    let value: Double
    let low: Double?
    let high: Double?
  }

  let figures: [Figure]
  /// Rows that were counted and rows that could not be, by metric.
  let counts: [(name: String, n: Int?, invalid: Int?)]

  /// Nil for a summary that is none of scores.
  init?(_ summary: JSON) {
    guard let metrics = summary["metrics"]?.object?.members else { return nil }
    figures = metrics.flatMap { metric in
      (metric.value["figures"]?.object?.members ?? []).compactMap { figure in
        figure.value["value"]?.number.map { value in
          Figure(
            name: "\(metric.key).\(figure.key)",
            value: value,
            low: figure.value["low"]?.number,
            high: figure.value["high"]?.number
          )
        }
      }
    }
    counts = metrics.map { ($0.key, $0.value["n"]?.int, $0.value["invalid"]?.int) }
  }
}
