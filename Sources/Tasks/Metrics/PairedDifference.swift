import Primitives

/// A figure over the rows that two evaluations share, and how much the second is above the first.
package struct PairedFigure: Hashable, Sendable {
  /// `metric.figure`.
  package let name: String
  /// Rows that count in both.
  package let n: Int
  package let first: Double
  package let second: Double
  /// Second less first, with its 95 % interval.
  package let difference: Figure
  /// For accuracy over all rows: the exact test on the rows where only one is right.
  package let mcNemar: McNemar?

  package init(
    name: String,
    n: Int,
    first: Double,
    second: Double,
    difference: Figure,
    mcNemar: McNemar? = nil
  ) {
    self.name = name
    self.n = n
    self.first = first
    self.second = second
    self.difference = difference
    self.mcNemar = mcNemar
  }
}

/// Differences between two evaluations of the same rows.
///
/// Each resample takes a row's result from both, so what makes a row hard for both cancels out: the
/// interval is narrower than that of two unpaired figures. Source: Efron and Tibshirani 1993,
/// chapter 8.
package enum PairedDifference {
  /// The names of the figures that can be compared, sorted.
  package static var figures: [String] { RowTerm.figures }

  /// Compares a figure over pairs of results of one row each.
  ///
  /// - Returns: Nil for a figure that is none of `figures`, and where one side has no row that counts.
  package static func of(
    _ figure: String,
    _ pairs: [(first: RowResult, second: RowResult)]
  ) -> PairedFigure? {
    guard let terms = RowTerm.reader(of: figure) else { return nil }
    let sums = pairs.map { (first: terms($0.first), second: terms($0.second)) }
    guard let whole = Ratios(sums, row: { $0 }) else { return nil }
    var generator = SeededGenerator(seed: 0, label: "bootstrap")
    var differences: [Double] = []
    differences.reserveCapacity(Bootstrap.resamples)
    for _ in 0..<Bootstrap.resamples {
      let ratios = Ratios(sums) { _ in generator.below(sums.count) }
      // A resample without any row that counts says nothing.
      if let ratios { differences.append(ratios.difference) }
    }
    return PairedFigure(
      name: figure,
      n: sums.count { $0.first.under > 0 && $0.second.under > 0 },
      first: whole.first,
      second: whole.second,
      difference: Bootstrap.figure(whole.difference, of: differences),
      mcNemar: UTF8Order.equal(figure, "accuracy.all") ? mcNemar(pairs) : nil
    )
  }

  private static func mcNemar(_ pairs: [(first: RowResult, second: RowResult)]) -> McNemar {
    let labelled = pairs.filter {
      $0.first.state != .unlabelled && $0.second.state != .unlabelled
    }
    return McNemar(
      onlyFirst: labelled.count { $0.first.state == .correct && $0.second.state != .correct },
      onlySecond: labelled.count { $0.first.state != .correct && $0.second.state == .correct }
    )
  }

  /// The two ratios over as many rows as there are; nil where one has nothing below the line.
  private struct Ratios {
    let first: Double
    let second: Double

    var difference: Double { second - first }

    init?(
      _ sums: [(first: RowTerm, second: RowTerm)],
      row: (Int) -> Int
    ) {
      var tops = (first: 0.0, second: 0.0)
      var bottoms = (first: 0.0, second: 0.0)
      for index in sums.indices {
        let row = row(index)
        tops.first += sums[row].first.over
        tops.second += sums[row].second.over
        bottoms.first += sums[row].first.under
        bottoms.second += sums[row].second.under
      }
      guard bottoms.first != 0, bottoms.second != 0 else { return nil }
      first = tops.first / bottoms.first
      second = tops.second / bottoms.second
    }
  }
}
