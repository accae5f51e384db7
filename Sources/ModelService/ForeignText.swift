/// Text from a server, made fit for a message.
enum ForeignText {
  /// One line of at most `limit` characters, control characters replaced: it may come from anywhere.
  ///
  /// A user name and password inside a URL are left out.
  static func shown(_ text: String, limit: Int = 400) -> String {
    var line = ""
    for scalar in text.unicodeScalars.prefix(limit * 4) {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: line += " "
      case .format, .surrogate, .privateUse, .unassigned: line += "\u{FFFD}"
      default: line.unicodeScalars.append(scalar)
      }
    }
    let words = line.split(separator: " ").map { withoutUser(String($0)) }.joined(separator: " ")
    return words.count > limit ? "\(words.prefix(limit))…" : words
  }

  /// `https://me:pass@host/` becomes `https://(secret)@host/`.
  private static func withoutUser(_ word: String) -> String {
    guard let mark = word.firstRange(of: "://") else { return word }
    let rest = word[mark.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = authority.lastIndex(of: "@") else { return word }
    return "\(word[..<mark.upperBound])(secret)\(rest[at...])"
  }
}
