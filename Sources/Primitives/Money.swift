/// An amount of US dollars, to the billionth: a single token of a small model costs a fraction of
/// a millionth, and rounding each of a million calls must not show in their sum.
package struct Money: Hashable, Comparable, Sendable {
  /// Billionths of a US dollar.
  package let nanos: Int64

  package static let zero = Money(nanos: 0)

  package init(nanos: Int64) {
    self.nanos = nanos
  }

  /// The nearest billionth; amounts beyond nine billion dollars are held to that.
  package init(usd: Double) {
    let nanos = (usd * 1e9).rounded()
    self.nanos = nanos.isNaN ? 0 : Int64(exactly: nanos) ?? (nanos < 0 ? .min : .max)
  }

  /// What so many tokens cost at a price in US dollars per million tokens.
  package init(tokens: Int, perMillion price: Double) {
    self.init(usd: Double(tokens) * price / 1e6)
  }

  package var usd: Double { Double(nanos) / 1e9 }

  package static func < (left: Money, right: Money) -> Bool { left.nanos < right.nanos }

  /// Sums stop at the largest amount: a sum that cannot be held is beyond every limit.
  package static func + (left: Money, right: Money) -> Money {
    let (sum, overflow) = left.nanos.addingReportingOverflow(right.nanos)
    return Money(nanos: overflow ? (left.nanos < 0 ? .min : .max) : sum)
  }

  package static func - (left: Money, right: Money) -> Money {
    let (sum, overflow) = left.nanos.subtractingReportingOverflow(right.nanos)
    return Money(nanos: overflow ? (left.nanos < 0 ? .min : .max) : sum)
  }

  package static func += (left: inout Money, right: Money) { left = left + right }
}

extension Money: CustomStringConvertible {
  /// `12.35 USD`; amounts below a dollar with as many digits as show two that count.
  package var description: String {
    let magnitude = nanos.magnitude
    var unit: UInt64 = 10_000_000
    var digits = 2
    while digits < 9, magnitude < unit * 10, magnitude > 0 {
      unit /= 10
      digits += 1
    }
    let rounded = magnitude / unit + (magnitude % unit * 2 >= unit ? 1 : 0)
    var scale: UInt64 = 1
    for _ in 0..<digits { scale *= 10 }
    let fraction = String(rounded % scale)
    let padding = String(repeating: "0", count: digits - fraction.count)
    return "\(nanos < 0 ? "-" : "")\(rounded / scale).\(padding)\(fraction) USD"
  }
}
