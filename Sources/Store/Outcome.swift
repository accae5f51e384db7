/// How an attempt ended for good: with an answer, whatever it is worth, or by its user's word.
///
/// These are cached: the same call is not made again.
package enum Outcome: String, Sendable, CaseIterable {
  case answered, truncated, refused, filtered, rejected, empty
  case toolCall = "tool-call"
  case unknownFinish = "unknown-finish"
  /// The text ends in a long repetition.
  case looped
  /// It was in doubt, and its user chose to do without it. Its reservation stands.
  case skipped

  /// The outcomes of attempts that brought nothing to keep: each `Release`, and `lost`.
  ///
  /// Written as SQL takes a list. Any other outcome comes with a row in `answers`.
  static let withoutAnswer = "('not-sent', 'declined', 'lost')"

  /// An attempt that was in doubt and was sent again.
  static let lost = "lost"
}
