/// Values that are written with a unit.
enum Units {
  /// The fraction in `5%`; nil where the text is no percentage.
  static func percent(_ text: String) -> Double? {
    guard text.hasSuffix("%") else { return nil }
    return decimal(text.dropLast()).map { $0 / 100 }
  }

  /// Seconds in `90s`, `15m` or `8h`; nil for any other text.
  static func duration(_ text: String) -> Double? {
    let factor: Double
    switch text.last {
    case "s": factor = 1
    case "m": factor = 60
    case "h": factor = 3_600
    default: return nil
    }
    return decimal(text.dropLast()).map { $0 * factor }
  }

  /// US dollars in `20 USD`; nil for any other text.
  static func dollars(_ text: String) -> Double? {
    let words = text.split(separator: " ")
    guard words.count == 2, words[1] == "USD" else { return nil }
    return decimal(words[0])
  }

  /// A number of digits and at most one point; no sign, no exponent.
  private static func decimal(_ text: some StringProtocol) -> Double? {
    let isPlain = text.utf8.allSatisfy { byte in
      byte == UInt8(ascii: ".") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }
    return isPlain ? Double(text) : nil
  }
}
