import Primitives

/// A figure's mean over several evaluations of the same rows, those of several seeds, say.
package enum MeanOverRuns {
  /// The mean of the runs' figures with its 95 % interval.
  ///
  /// Each resample draws a row with its results in all runs, since what makes a row hard does so in
  /// each of them. The interval says what other rows would have given with the same runs.
  ///
  /// - Parameter runs: `[runs][rows]`, the rows of each in the same order.
  /// - Returns: Nil where there is no run, or where one has no row that counts.
  package static func of(_ runs: [[RowTerm]]) -> Figure? {
    guard let first = runs.first else { return nil }
    precondition(runs.allSatisfy { $0.count == first.count }, "BUG: runs over other rows")
    guard let whole = mean(runs, rows: first.indices) else { return nil }
    var generator = SeededGenerator(seed: 0, label: "bootstrap")
    var means: [Double] = []
    means.reserveCapacity(Bootstrap.resamples)
    var draws = [Int](repeating: 0, count: first.count)
    for _ in 0..<Bootstrap.resamples {
      for index in draws.indices { draws[index] = generator.below(draws.count) }
      // A resample without any row that counts says nothing.
      if let mean = mean(runs, rows: draws) { means.append(mean) }
    }
    return Bootstrap.figure(whole, of: means)
  }

  private static func mean(_ runs: [[RowTerm]], rows: some Sequence<Int>) -> Double? {
    var sum = 0.0
    for run in runs {
      var (top, bottom) = (0.0, 0.0)
      for row in rows {
        top += run[row].over
        bottom += run[row].under
      }
      guard bottom != 0 else { return nil }
      sum += top / bottom
    }
    return sum / Double(runs.count)
  }
}
