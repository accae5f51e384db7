import Diagnostics

/// The types that YAML 1.2's core schema gives to scalars without quotes.
///
/// Unlike YAML 1.1, `no`, `off`, `1_000`, `12:30` and `2026-01-01` are texts and `012` is twelve.
/// Source: YAML 1.2.2, section 10.3.2.
package enum CoreSchema {
  /// The value of a plain scalar.
  ///
  /// Whole numbers beyond 64 bits become numbers, as JSON readers have it.
  package static func value(of text: String) -> YAMLNode.Value {
    switch text {
    case "", "~", "null", "Null", "NULL": .null
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    case ".nan", ".NaN", ".NAN": .number(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": .number(-.infinity)
    default: number(in: Array(text.utf8)) ?? .text(text)
    }
  }

  private static func number(in bytes: [UInt8]) -> YAMLNode.Value? {
    guard let first = bytes.first, first < 0x3A else { return nil }
    if bytes.starts(with: "0o".utf8) { return whole(bytes.dropFirst(2), radix: 8) }
    if bytes.starts(with: "0x".utf8) { return whole(bytes.dropFirst(2), radix: 16) }
    switch DecimalShape(of: bytes) {
    case nil: return nil
    case .whole:
      let text = String(decoding: bytes, as: UTF8.self)
      return Int64(text).map { .integer($0) } ?? Double(text).map { .number($0) }
    case .fraction:
      return Double(String(decoding: bytes, as: UTF8.self)).map { .number($0) }
    }
  }

  private static func whole(_ digits: ArraySlice<UInt8>, radix: Int) -> YAMLNode.Value? {
    // `Int64.init` would take a sign here, which the schema does not.
    guard let first = digits.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else {
      return nil
    }
    return Int64(String(decoding: digits, as: UTF8.self), radix: radix).map { .integer($0) }
  }
}

/// Whether bytes have the form of a decimal number:
/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
private enum DecimalShape {
  case whole, fraction

  init?(of bytes: [UInt8]) {
    var rest = bytes[...]
    func takeDigits() -> Int {
      let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      rest = rest.dropFirst(digits.count)
      return digits.count
    }
    func take(_ first: Character, or second: Character) -> Bool {
      guard let byte = rest.first, byte == first.asciiValue || byte == second.asciiValue else {
        return false
      }
      rest = rest.dropFirst()
      return true
    }
    _ = take("-", or: "+")
    var isWhole = true
    var digits = takeDigits()
    if take(".", or: ".") {
      isWhole = false
      digits += takeDigits()
    }
    guard digits > 0 else { return nil }
    if take("e", or: "E") {
      isWhole = false
      _ = take("-", or: "+")
      guard takeDigits() > 0 else { return nil }
    }
    guard rest.isEmpty else { return nil }
    self = isWhole ? .whole : .fraction
  }
}
