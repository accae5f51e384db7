import Primitives

/// One way of writing a value for each value, so that equal answers are equal texts.
package enum Normalization {
  /// The number that a text is, in plain decimals: `$2,125.00` is `2125`, `-.50` is `-0.5`, `33%`
  /// is `33`, `6/4` is `1.5`, `29/3` stays `29/3`; nil when the text holds no number or several.
  package static func number(_ text: String) -> String? {
    let tokens = NumberScanner(text).tokens
    return tokens.count == 1 ? tokens[0].value : nil
  }

  /// Whether two texts are the same number, or, where either is none, the same text but for white
  /// space at the ends.
  package static func equal(_ left: String, _ right: String) -> Bool {
    if let one = plainNumber(left), let other = plainNumber(right) {
      return UTF8Order.equal(one, other)
    }
    return UTF8Order.equal(Scalar.trimmed(left), Scalar.trimmed(right))
  }

  /// Whether two texts are the same but for letter case and white space at the ends.
  package static func equalFolded(_ left: String, _ right: String) -> Bool {
    UTF8Order.equal(folded(left), folded(right))
  }

  static func folded(_ text: String) -> String { Scalar.trimmed(text).lowercased() }

  /// The number of a text that is nothing but one.
  static func plainNumber(_ text: String) -> String? {
    let text = Scalar.trimmed(text)
    let tokens = NumberScanner(text).tokens
    guard tokens.count == 1, tokens[0].range == 0..<text.utf8.count else { return nil }
    return tokens[0].value
  }

  /// The digits before and behind a point as a number, without zeros that say nothing.
  static func decimal(isNegative: Bool, whole: String, fraction: String) -> String {
    let whole = whole.drop { $0 == "0" }
    var fraction = fraction[...]
    while fraction.last == "0" { fraction.removeLast() }
    let digits = (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
    return isNegative && digits != "0" ? "-" + digits : String(digits)
  }

  /// A fraction as decimals where they end, else in lowest terms (`29/3`); nil over zero.
  static func fraction(isNegative: Bool, over: Int, under: Int) -> String? {
    guard under > 0 else { return nil }
    var (divisor, rest) = (under, over)
    while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
    let (top, bottom) = (over / divisor, under / divisor)
    var (digits, left) = ("", top % bottom)
    // Decimals end within 18 places or are better left as a fraction.
    while left > 0, digits.count < 18 {
      digits += String(left * 10 / bottom)
      left = left * 10 % bottom
    }
    guard left == 0 else { return (isNegative ? "-" : "") + "\(top)/\(bottom)" }
    return decimal(isNegative: isNegative, whole: String(top / bottom), fraction: digits)
  }
}
