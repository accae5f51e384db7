/// User text made fit for a terminal: nothing in it can move the cursor, hide or reorder what
/// follows, and the columns that it takes are known.
enum VisibleText {
  /// What stands for one scalar, and how many columns it takes.
  struct Glyph {
    let text: String
    let width: Int
  }

  /// How far apart tab stops are in an excerpt.
  static let tabWidth = 4

  /// Scalars of a message that are shown: somebody's whole file may stand in a name.
  private static let longest = 1_000

  /// The text with control characters shown as signs, cut where it is longer than people read.
  ///
  /// - Parameter text: Any text; a line break in it becomes a sign too.
  /// - Returns: A text without control characters.
  static func of(_ text: some StringProtocol) -> String {
    var result = String.UnicodeScalarView()
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < longest else { return String(result) + "…" }
      if isPlain(scalar) {
        result.append(scalar)
      } else {
        result.append(contentsOf: sign(for: scalar).unicodeScalars)
      }
    }
    return String(result)
  }

  /// What stands for a scalar that begins at a column, counted from 0.
  static func glyph(for scalar: Unicode.Scalar, atColumn column: Int) -> Glyph {
    if scalar == "\t" {
      let width = tabWidth - column % tabWidth
      return Glyph(text: String(repeating: " ", count: width), width: width)
    }
    guard isPlain(scalar) else {
      let sign = sign(for: scalar)
      return Glyph(text: sign, width: sign.unicodeScalars.count)
    }
    return Glyph(text: String(scalar), width: width(of: scalar))
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20..<0x7F: true
    case 0..<0x20, 0x7F..<0xA0: false
    // Line and paragraph separators, and marks that reorder text: the eye must not be deceived
    // about what a line says (CVE-2021-42574).
    case 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xFEFF: false
    default: true
    }
  }

  private static func sign(for scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    // The block "Control Pictures" repeats the order of the control characters.
    case 0..<0x20: String(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
    case 0x7F: "\u{2421}"
    default: "<U+" + hexadecimal(scalar.value) + ">"
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Columns of a scalar that is shown as it is: 0 for marks upon the one before, 2 for wide ones.
  private static func width(of scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// Scalars of two columns (Unicode Standard Annex 11, classes W and F), rounded to whole blocks.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]
}
