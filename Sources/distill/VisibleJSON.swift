import Primitives

/// JSON that no terminal obeys: what JSON lets stand in a text and a terminal may take for a command
/// is written by its number, which says the same to whoever parses it.
enum VisibleJSON {
  static func text(_ json: JSON) -> String { escaped(json.compactText) }

  /// Outside of texts JSON is ASCII without such characters, so each stands in a text.
  static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard isHidden(scalar) else {
        shown.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16)
      let zeros = String(repeating: "0", count: 4 - digits.count)
      shown.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
    }
    return String(shown)
  }

  /// Delete, the second set of control characters, and marks that reorder text.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
