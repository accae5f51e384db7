/// A text that is used but never printed, logged or stored.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself, for the header that carries it and nothing else.
  let exposed: String
  /// The forms in which a server may echo it.
  private let forms: [String]

  package init(_ text: String) {
    exposed = text
    // Shorter ones ("none", "EMPTY") are what people give to servers that want no key; blotting
    // them out would only spoil messages.
    guard text.utf8.count >= 8 else {
      forms = []
      return
    }
    let bytes = Array(text.utf8)
    let offsets = (0..<3).map { Base64.core(of: bytes, offset: $0) }
    forms = [text, Self.percentEncoded(bytes), Self.slashEscaped(text)] + offsets
  }

  package var description: String { "(secret)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// The text with every form of the secret replaced.
  package func redacted(_ text: String) -> String {
    forms.reduce(text) { $0.replacing($1, with: "(secret)") }
  }

  /// As `redacted`, for bytes from a server: their start, as far as a message could show it.
  static func redacted(_ bytes: [UInt8], _ secret: Secret?) -> String {
    // Far longer than any message, so that no key is cut in two before it is looked for.
    let text = String(decoding: bytes.prefix(1 << 16), as: UTF8.self)
    return secret?.redacted(text) ?? text
  }

  private static func percentEncoded(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      let scalar = UnicodeScalar(byte)
      if scalar.properties.isAlphabetic || "0123456789-._~".unicodeScalars.contains(scalar) {
        return String(scalar)
      }
      let digits = String(byte, radix: 16, uppercase: true)
      return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
    }.joined()
  }

  /// As some JSON writers have it.
  private static func slashEscaped(_ text: String) -> String {
    text.replacing("/", with: "\\/")
  }
}

/// Base64 as far as it is needed to find a text inside an encoded one.
private enum Base64 {
  /// The characters that depend on these bytes alone when they stand at `offset` modulo 3.
  static func core(of bytes: [UInt8], offset: Int) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let whole = bytes.dropFirst((3 - offset) % 3)
    var text = ""
    var rest = whole
    while rest.count >= 3 {
      let group = rest.prefix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(group >> shift & 63)]) }
      rest = rest.dropFirst(3)
    }
    return text
  }
}
