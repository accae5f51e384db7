/// The forms in which a server may send a text back: as it is, and as the usual writers have it.
enum EchoForms {
  static func all(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    let base64 = (0..<3).map { base64Core(of: bytes, offset: $0) }
    let forms =
      [
        text, jsonEscaped(text), text.replacing("/", with: "\\/"), htmlEscaped(text),
      ] + base64 + base64.map(urlSafe)
    var seen: Set<String> = []
    return forms.filter { seen.insert($0).inserted }
  }

  /// The bytes with `\u0073` and `%73` undone: a writer may escape any character, and in two ways.
  ///
  /// - Returns: Nil if there are none.
  static func withoutEscapes(_ bytes: [UInt8]) -> [UInt8]? {
    var plain: [UInt8] = []
    var copied = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\"),
        let (value, length) = escape(bytes[index...])
      else {
        index += 1
        continue
      }
      plain += bytes[copied..<index]
      plain.append(value)
      index += length
      copied = index
    }
    return copied == 0 ? nil : plain + bytes[copied...]
  }

  /// The character that an escape at the start of some bytes stands for, and the escape's length.
  private static func escape(_ bytes: ArraySlice<UInt8>) -> (UInt8, Int)? {
    let lead = bytes.first == UInt8(ascii: "%") ? 1 : 4
    guard bytes.count >= lead + 2, lead == 1 || bytes.starts(with: #"\u00"#.utf8) else {
      return nil
    }
    let digits = bytes.dropFirst(lead).prefix(2)
    // Keys are of ASCII that can be seen; other escapes stay what they are.
    guard let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
      (0x21...0x7E).contains(value)
    else { return nil }
    return (value, lead + 2)
  }

  private static func jsonEscaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }

  private static func htmlEscaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
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
