/// The exact test of whether two models are right equally often on the same rows.
///
/// Only rows that one has right and the other wrong say anything; without a difference each is as
/// likely to be the one as the other. Exact, since rows that differ are often few. Source: McNemar
/// 1947; the binomial form of Dietterich 1998, section 3.1.
package struct McNemar: Hashable, Sendable {
  /// Rows that only the first has right.
  package let onlyFirst: Int
  package let onlySecond: Int

  package init(onlyFirst: Int, onlySecond: Int) {
    precondition(onlyFirst >= 0 && onlySecond >= 0, "BUG: counts below zero")
    self.onlyFirst = onlyFirst
    self.onlySecond = onlySecond
  }

  /// How likely a difference at least as large is by chance, two-sided; 1 where no rows differ.
  package var pValue: Double {
    let (rows, fewer) = (onlyFirst + onlySecond, min(onlyFirst, onlySecond))
    guard rows > 0 else { return 1 }
    // Terms are summed from the largest, each got from the one before; the largest is a product of
    // factors near one, kept from underflow by halving along the way.
    var term = ScaledNumber(1)
    for step in 0..<fewer { term.multiply(by: Double(rows - step) / Double(fewer - step)) }
    var share = 1.0
    var sum = 0.0
    for count in stride(from: fewer, through: 0, by: -1) {
      sum += share
      share *= Double(count) / Double(rows - count + 1)
    }
    term.multiply(by: sum)
    return min(1, 2 * term.value(halvings: rows))
  }
}

/// A product that may leave the range of `Double` on its way.
private struct ScaledNumber {
  private var significand: Double
  private var exponent = 0

  init(_ value: Double) { significand = value }

  mutating func multiply(by factor: Double) {
    significand *= factor
    guard significand.isNormal else { return }
    exponent += Int(significand.exponent)
    significand = significand.significand
  }

  /// The product, divided by two so often.
  func value(halvings: Int) -> Double {
    Double(sign: .plus, exponent: exponent - halvings, significand: significand)
  }
}
