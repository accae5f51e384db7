/// How much of a set a sentence speaks of, and which way its two places may be changed.
///
/// A place that looks up stays true when its set grows, one that looks down when its set shrinks
/// (van Benthem 1986, "Essays in Logical Semantics", chapter 6).
package enum Quantifier: String, CaseIterable, Sendable {
  case some
  case every
  case no
  case notEvery = "not every"

  /// Those that stand before a noun inside a sentence.
  static let inner: [Quantifier] = [.some, .every, .no]

  /// Whether the noun and what describes it look up.
  var nounLooksUp: Bool { self == .some || self == .notEvery }
  /// Whether what is said of the noun looks up.
  var predicateLooksUp: Bool { self == .some || self == .every }

  /// The one that makes the opposite of the whole sentence.
  var opposite: Quantifier {
    switch self {
    case .some: .no
    case .no: .some
    case .every: .notEvery
    case .notEvery: .every
    }
  }
}
