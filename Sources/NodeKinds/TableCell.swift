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
  /// Bounds of the mean of several figures over the same rows, where they can be told.
  var shared: (low: Double, high: Double)?
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

  /// The 95 % interval of what the cell shows.
  var interval: (low: Double, high: Double)? {
    if figures.count > 1 { return shared }
    return only?.low.flatMap { low in only?.high.map { (low, $0) } }
  }

  /// The figure of a cell that has one and no more.
  var only: Figure? { figures.count == 1 ? figures[0] : nil }
}
