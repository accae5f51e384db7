import Primitives

/// A figure with its 95 % interval.
package struct Figure: Hashable, Sendable {
  package let value: Double
  package let low: Double
  package let high: Double

  package init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }
}

/// Percentile intervals by resampling rows.
///
/// The draws depend on the number of rows alone, so that two evaluations of the same rows are
/// resampled alike and their differences are paired. Source: Efron and Tibshirani 1993, chapter 13.
enum Bootstrap {
  static let resamples = 1000

  /// The ratio of two sums over rows, with its interval.
  ///
  /// - Parameters:
  ///   - over: A number for each row, summed above the line.
  ///   - under: As many, summed below it: 1 for a mean, or whether the row counts.
  /// - Returns: The ratio, and the 2.5th and 97.5th percentile of what it is over resampled rows;
  ///   nil where the second sum is zero.
  static func ratio(_ over: [Double], _ under: [Double]) -> Figure? {
    precondition(over.count == under.count, "BUG: \(over.count) numbers over \(under.count)")
    let total = under.reduce(0, +)
    guard total != 0 else { return nil }
    var generator = SeededGenerator(seed: 0, label: "bootstrap")
    var ratios: [Double] = []
    ratios.reserveCapacity(resamples)
    for _ in 0..<resamples {
      var top = 0.0
      var bottom = 0.0
      for _ in 0..<over.count {
        let row = generator.below(over.count)
        top += over[row]
        bottom += under[row]
      }
      // A resample without any row that counts says nothing.
      if bottom != 0 { ratios.append(top / bottom) }
    }
    return figure(over.reduce(0, +) / total, of: ratios)
  }

  /// A value with the 2.5th and 97.5th percentile of what it is over resampled rows.
  static func figure(_ value: Double, of resampled: [Double]) -> Figure {
    let sorted = resampled.sorted()
    guard let smallest = sorted.first, let largest = sorted.last else {
      return Figure(value: value, low: value, high: value)
    }
    let rank = Double(sorted.count) * 0.025
    let low = rank < 1 ? smallest : sorted[Int(rank) - 1]
    let high = rank < 1 ? largest : sorted[sorted.count - Int(rank) - 1]
    return Figure(value: value, low: low, high: high)
  }
}
