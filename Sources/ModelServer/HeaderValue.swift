/// A header's value with its parameters: `form-data; name="file"; filename="a \"b\".jsonl"`.
///
/// Source: RFC 9110, sections 5.6.4 and 5.6.6. Names are folded to lower case; of two parameters of
/// one name the first counts.
struct HeaderValue {
  let value: String
  private let parameters: [(name: String, value: String)]

  init(_ text: String) {
    var pieces = Self.pieces(of: text)
    value = pieces.removeFirst().trimmed.lowercased()
    parameters = pieces.compactMap { piece in
      let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else { return nil }
      return (String(sides[0]).trimmed.lowercased(), Self.unquoted(String(sides[1]).trimmed))
    }
  }

  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// Splits at semicolons outside of quotes; always at least one piece.
  private static func pieces(of text: String) -> [String] {
    var pieces = [""]
    var quoted = false
    var escaped = false
    for character in text.unicodeScalars {
      if character == ";", !quoted {
        pieces.append("")
        continue
      }
      if character == "\"", !escaped { quoted.toggle() }
      escaped = quoted && character == "\\" && !escaped
      pieces[pieces.count - 1].unicodeScalars.append(character)
    }
    return pieces
  }

  private static func unquoted(_ text: String) -> String {
    guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    var result = String.UnicodeScalarView()
    var escaped = false
    for character in text.unicodeScalars.dropFirst().dropLast() {
      if character == "\\", !escaped {
        escaped = true
      } else {
        result.append(character)
        escaped = false
      }
    }
    return String(result)
  }
}

extension String {
  /// Without spaces and tabs at both ends.
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let front = drop(while: isSpace)
    guard let last = front.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(front[...last])
  }
}
