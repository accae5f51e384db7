/// The forms in which a server may send a text back: as it is, and as the usual writers have it.
enum EchoForms {
  static func all(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    let base64 = (0..<3).map { base64Core(of: bytes, offset: $0) }
    let forms =
      [
        text, jsonEscaped(text), text.replacing("/", with: "\\/"), htmlEscaped(text),
        percentEncoded(bytes, uppercase: true), percentEncoded(bytes, uppercase: false),
      ] + base64 + base64.map(urlSafe)
    var seen: Set<String> = []
    return forms.filter { seen.insert($0).inserted }
  }

  /// `\u0073k` becomes `sk`: a JSON writer may escape any character.
  static func withoutUnicodeEscapes(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    return text.replacing(/\\u00([2-7][0-9a-fA-F])/) { match in
      UInt8(match.1, radix: 16).map { String(UnicodeScalar($0)) } ?? ""
    }
  }

  private static func jsonEscaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }

  private static func htmlEscaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
  }

  private static func percentEncoded(_ bytes: [UInt8], uppercase: Bool) -> String {
    bytes.map { byte in
      let scalar = UnicodeScalar(byte)
      if scalar.properties.isAlphabetic || "0123456789-._~".unicodeScalars.contains(scalar) {
        return String(scalar)
      }
      let digits = String(byte, radix: 16, uppercase: uppercase)
      return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
    }.joined()
  }

  private static func urlSafe(_ base64: String) -> String {
    base64.replacing("+", with: "-").replacing("/", with: "_")
  }

  /// The characters of base64 that depend on these bytes alone when they stand at `offset` modulo
  /// 3 of what is encoded.
  private static func base64Core(of bytes: [UInt8], offset: Int) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var rest = bytes.dropFirst((3 - offset) % 3)
    var text = ""
    while rest.count >= 3 {
      let group = rest.prefix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(group >> shift & 63)]) }
      rest = rest.dropFirst(3)
    }
    return text
  }
}
