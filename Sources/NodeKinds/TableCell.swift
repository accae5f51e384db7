/// One cell: a figure, or the mean of several.
struct TableCell: Sendable {
  struct Figure: Hashable, Sendable {
    let value: Double
    /// Bounds of the 95 % interval, where the metric gives them.
    let low: Double?
    let high: Double?
    /// Rows that the figure stands on.
    let n: Int
  }

  let figures: [Figure]
  let isMarked: Bool

  var mean: Double? {
    figures.isEmpty ? nil : figures.reduce(0) { $0 + $1.value } / Double(figures.count)
  }

  /// The sample standard deviation; nil for fewer than two figures.
  var deviation: Double? {
    guard let mean, figures.count > 1 else { return nil }
    let squares = figures.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
    return (squares / Double(figures.count - 1)).squareRoot()
  }

  /// The figure of a cell that has one and no more.
  var only: Figure? { figures.count == 1 ? figures[0] : nil }
}
