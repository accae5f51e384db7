import Foundation
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
    forms = text.utf8.count >= 8 ? EchoForms.all(of: text) : []
  }

  package var description: String { "(secret)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// The text with every form of the secret replaced.
  package func redacted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard isFound(in: bytes) else { return text }
    let plain = EchoForms.withoutEscapes(bytes).map { String(decoding: $0, as: UTF8.self) } ?? text
    // As it came, if it needs no undoing of escapes; with them undone, to be sure.
    return [text, plain].map(replaced).first { !isFound(in: Array($0.utf8)) } ?? "(secret)"
  }

  private func replaced(_ text: String) -> String {
    forms.reduce(text) { $0.replacing($1, with: "(secret)") }
  }

  /// Every text and key inside, redacted.
  func redacted(_ json: JSON) -> JSON {
    switch json {
    case .string(let text): .string(redacted(text))
    case .array(let elements): .array(elements.map(redacted))
    case .object(let object):
      .object(JSONObject(object.members.map { (redacted($0.key), redacted($0.value)) }))
    default: json
    }
  }

  /// Whether any form of the secret stands in the bytes; cheap enough for every answer.
  func isFound(in bytes: [UInt8]) -> Bool {
    guard !forms.isEmpty else { return false }
    return holds(bytes) || (EchoForms.withoutEscapes(bytes).map(holds) ?? false)
  }

  private func holds(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { all in
      forms.contains { form in
        var form = form
        return form.withUTF8 { Self.contains(all, UnsafeRawBufferPointer($0)) }
      }
    }
  }

  private static func contains(
    _ bytes: UnsafeRawBufferPointer,
    _ part: UnsafeRawBufferPointer
  ) -> Bool {
    guard let first = part.first, let partStart = part.baseAddress else { return false }
    var rest = bytes
    while rest.count >= part.count, let start = rest.baseAddress,
      let found = memchr(start, Int32(first), rest.count - part.count + 1)
    {
      if memcmp(found, partStart, part.count) == 0 { return true }
      rest = UnsafeRawBufferPointer(rebasing: rest[(start.distance(to: found) + 1)...])
    }
    return false
  }

  /// The start of some bytes from a server, redacted; what is no UTF-8 comes as `base64:…`.
  static func redacted(_ bytes: [UInt8], _ secret: Secret?, limit: Int) -> String {
    // More than is shown, so that no key is cut in two before it is looked for.
    let start = Array(bytes.prefix(limit * 4))
    let text = String(decoding: start, as: UTF8.self)
    let clean = secret?.redacted(text) ?? text
    guard clean == text, String(validating: start, as: UTF8.self) == nil else {
      return String(clean.prefix(limit))
    }
    // A character that the end of the start cut in two would not make the bytes any less UTF-8.
    if start.count < bytes.count { return String(clean.prefix(limit)) }
    return "base64:\(Data(start.prefix(limit)).base64EncodedString())"
  }
}
