/// Text as a part of a URI: what may not stand there as itself is written by its bytes (RFC 3986,
/// section 2.1).
enum PercentEncoding {
  /// The text with all but letters, digits, `-`, `.`, `_` and the bytes allowed written as `%XX`.
  static func text(_ text: String, allowing others: String = "") -> String {
    var part = ""
    for byte in text.utf8 {
      if isPlain(byte) || others.utf8.contains(byte) {
        part.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        part += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return part
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
