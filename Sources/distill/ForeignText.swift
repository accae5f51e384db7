/// Text of models, servers and files, made fit for a terminal: nothing in it moves the cursor, hides
/// or reorders what stands beside it (promise P16).
enum ForeignText {
  /// In one line, of at most so many characters.
  static func line(_ text: some StringProtocol, limit: Int = 200) -> String {
    var shown = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < limit else { return shown + "…" }
      shown += escaped(scalar)
    }
    return shown
  }

  /// With its own line ends, each line behind an indentation.
  static func block(_ text: String, indentation: String = "  ") -> String {
    // By bytes: Swift takes CRLF for one character, and a model may end lines either way.
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line in
      let shown = line.map { $0 == "\t" ? "\t" : escaped($0) }
      return indentation + shown.joined()
    }.joined(separator: "\n")
  }

  /// The scalar itself, a sign for a control character, or its number.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control where scalar.value < 0x20:
      // The block "Control Pictures" repeats the order of the control characters.
      String(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
    case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .privateUse,
      .unassigned:
      "<U+\(String(scalar.value, radix: 16, uppercase: true))>"
    default: String(scalar)
    }
  }
}
