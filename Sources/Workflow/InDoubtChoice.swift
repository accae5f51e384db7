/// What is to become of calls that may have been paid and have no answer (`in_doubt:`).
package enum InDoubtChoice: String, CaseIterable, Sendable {
  /// Nothing by itself: they wait for `distill calls settle`.
  case ask
  /// Each run sends them again once.
  case resend
  /// They are given up: recorded as skipped, without an answer.
  case skip

  static let words = allCases.map(\.rawValue)
}
