/// The share of correct answers, over all rows with a label and over those that could be read.
///
/// Both always, since leaving out what cannot be read is how published figures get inflated.
package struct Accuracy: Metric {
  package static let name = "accuracy"
  package static let version = 1
  package static let figures = ["all", "parsed"]
  package static let summary =
    "share of correct answers: 'all' over all rows, 'parsed' over those that could be read"

  private var correct: [Double] = []
  private var parsed: [Double] = []

  package init(price: Price? = nil) {}

  package mutating func add(_ row: RowResult) {
    guard row.state != .unlabelled else { return }
    correct.append(row.state == .correct ? 1 : 0)
    parsed.append(row.state == .invalid ? 0 : 1)
  }

  package func result() -> MetricSummary {
    let ones = [Double](repeating: 1, count: correct.count)
    let figures = [
      Bootstrap.ratio(correct, ones).map { MetricSummary.Named("all", $0) },
      Bootstrap.ratio(correct, parsed).map { MetricSummary.Named("parsed", $0) },
    ]
    return MetricSummary(
      name: Self.name,
      figures: figures.compactMap(\.self),
      n: correct.count,
      invalid: parsed.count { $0 == 0 }
    )
  }
}
