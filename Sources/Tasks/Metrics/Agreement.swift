/// The share of rows where another model, the teacher say, gave the same answer.
package struct Agreement: Metric {
  package static let name = "agreement"
  package static let version = 1
  package static let figures = ["all"]
  package static let summary = "share of rows where the other model gave the same answer"

  private var same: [Double] = []
  private var invalid = 0

  package init(price: Price? = nil) {}

  package mutating func add(_ row: RowResult) {
    guard let agrees = row.agreesWithOther else { return }
    same.append(agrees ? 1 : 0)
    if row.got == nil { invalid += 1 }
  }

  package func result() -> MetricSummary {
    let ones = [Double](repeating: 1, count: same.count)
    let figure = Bootstrap.ratio(same, ones).map { MetricSummary.Named("all", $0) }
    return MetricSummary(
      name: Self.name,
      figures: [figure].compactMap(\.self),
      n: same.count,
      invalid: invalid
    )
  }
}
