import Primitives

/// Intervals of values that belong together in clusters, by resampling whole clusters.
extension Bootstrap {
  /// The ratio of two sums over values, as `ratio` gives it, with clusters drawn instead of rows.
  static func ratio(_ over: [Double], _ under: [Double], in clusters: ClusterNumbers) -> Figure? {
    precondition(over.count == clusters.numbers.count, "BUG: a value without a cluster")
    let total = under.reduce(0, +)
    guard total != 0 else { return nil }
    var tops = [Double](repeating: 0, count: clusters.count)
    var bottoms = tops
    for (index, cluster) in clusters.numbers.enumerated() {
      tops[cluster] += over[index]
      bottoms[cluster] += under[index]
    }
    let ratios = resampled(clusters.count) { draws -> Double? in
      var (top, bottom) = (0.0, 0.0)
      for (cluster, times) in draws.enumerated() where times > 0 {
        top += Double(times) * tops[cluster]
        bottom += Double(times) * bottoms[cluster]
      }
      return bottom != 0 ? top / bottom : nil
    }
    return figure(over.reduce(0, +) / total, of: ratios)
  }

  /// The median with its interval; of an even number of values the mean of the two in the middle.
  ///
  /// There must be a value.
  static func median(_ values: [Double], in clusters: ClusterNumbers) -> Figure {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    func middle(_ times: (Int) -> Int) -> Double {
      let total = order.reduce(0) { $0 + times($1) }
      var seen = 0
      var lower: Double?
      for index in order {
        seen += times(index)
        if lower == nil, 2 * seen >= total { lower = values[index] }
        if let lower, 2 * seen > total { return (lower + values[index]) / 2 }
      }
      preconditionFailure("BUG: a median of nothing")
    }
    let medians = resampled(clusters.count) { draws in middle { draws[clusters.numbers[$0]] } }
    return figure(middle { _ in 1 }, of: medians)
  }

  /// What a figure is over resamples, each given as how often every cluster was drawn.
  private static func resampled(_ count: Int, _ value: ([Int]) -> Double?) -> [Double] {
    var generator = SeededGenerator(seed: 0, label: "bootstrap")
    return (0..<resamples).compactMap { _ in
      var draws = [Int](repeating: 0, count: count)
      for _ in 0..<count { draws[generator.below(count)] += 1 }
      return value(draws)
    }
  }
}
