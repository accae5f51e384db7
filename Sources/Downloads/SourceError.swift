/// Why remote bytes cannot be had.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Lower case, for people: what was found, and what was expected.
  package let message: String
  /// What to do next.
  package let hint: String?

  package init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  package var description: String { hint.map { "\(message)\n  hint: \($0)" } ?? message }
}
