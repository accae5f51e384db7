import Diagnostics
import Primitives
import Synchronization

/// Finds what a regular expression captures.
///
/// Matching is by Unicode scalars. The answer is the first group, or the whole match of a pattern
/// without one, white space at its ends dropped. Strict and flexible are the same. Matching goes
/// back and tries again: a pattern of nested repeats takes very long on texts made for it.
struct PatternReading: Sendable {
  /// Which match counts.
  enum Choice: String, CaseIterable, Sendable {
    case first, last
  }

  let pattern: String
  let choice: Choice
  private let compiled: Compiled

  /// `Regex` compiles on first use and so may not be shared; the lock makes it safe.
  private final class Compiled: Sendable {
    let regex: Mutex<Regex<AnyRegexOutput>>

    init(_ regex: sending Regex<AnyRegexOutput>) { self.regex = Mutex(regex) }
  }

  init(pattern: String, choice: Choice) throws(Problem) {
    self.pattern = pattern
    self.choice = choice
    do {
      compiled = Compiled(try Regex(pattern).matchingSemantics(.unicodeScalar))
    } catch {
      throw Problem("the pattern '\(pattern)' is no regular expression: \(error)", at: nil)
    }
  }

  func read(_ text: String) -> ReadAnswer {
    let found = compiled.regex.withLock { regex in
      switch choice {
      case .first: text.firstMatch(of: regex).flatMap(Self.answer)
      case .last: text.matches(of: regex).last.flatMap(Self.answer)
      }
    }
    return ReadAnswer(strict: found, flexible: found, equal: UTF8Order.equal)
  }

  private static func answer(_ match: Regex<AnyRegexOutput>.Match) -> String? {
    let output = match.output
    let substring = output.count > 1 ? output[1].substring : output[0].substring
    return substring.map(Scalar.trimmed).flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension PatternReading: Hashable {
  static func == (left: PatternReading, right: PatternReading) -> Bool {
    UTF8Order.equal(left.pattern, right.pattern) && left.choice == right.choice
  }

  func hash(into hasher: inout Hasher) { hasher.combine(choice) }
}
