/// Turns of phrase that messages share.
package enum Wording {
  /// Names as a choice: `'a', 'b' or 'c'`.
  package static func choice(_ names: some Sequence<String>) -> String {
    join(names.map { "'\($0)'" }, last: "or")
  }

  /// Names as an enumeration: `'a', 'b' and 'c'`.
  package static func all(_ names: some Sequence<String>) -> String {
    join(names.map { "'\($0)'" }, last: "and")
  }

  /// Phrases with commas and a last word between the final two.
  package static func join(_ phrases: [String], last word: String) -> String {
    guard let final = phrases.last, phrases.count > 1 else { return phrases.first ?? "" }
    return phrases.dropLast().joined(separator: ", ") + " \(word) \(final)"
  }

  /// A count with its noun: `1 row`, `3 rows`.
  package static func count(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
  }
}
