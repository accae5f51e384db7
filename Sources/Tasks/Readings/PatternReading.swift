import Diagnostics
import Primitives

/// Finds what a regular expression captures.
///
/// Patterns are read as Python's `re` reads them, and take a time that grows with the text's length
/// whatever the pattern. The answer is the first group, or the whole match of a pattern without one,
/// white space at its ends dropped. Strict and flexible are the same.
struct PatternReading: Sendable {
  /// Which match counts.
  enum Choice: String, CaseIterable, Sendable {
    case first, last
  }

  let choice: Choice
  private let compiled: Pattern

  var pattern: String { compiled.source }

  init(pattern: String, choice: Choice) throws(Problem) {
    self.choice = choice
    do throws(PatternError) {
      compiled = try Pattern(pattern)
    } catch {
      throw Problem(
        "the pattern '\(pattern)' is no regular expression: \(error)",
        at: nil,
        hint: "patterns are those of Python's 're', without back references"
      )
    }
  }

  func read(_ text: String) -> ReadAnswer {
    let scalars = Array(text.unicodeScalars)
    let match =
      switch choice {
      case .first: compiled.first(in: scalars)
      case .last: compiled.all(in: scalars).last
      }
    let found = match.flatMap { answer($0, scalars) }
    return ReadAnswer(strict: found, flexible: found, equal: UTF8Order.equal)
  }

  private func answer(_ match: Pattern.Match, _ text: [Unicode.Scalar]) -> String? {
    guard let range = compiled.groups > 0 ? match.groups[0] : match.range else { return nil }
    let answer = Scalar.trimmed(PythonText.string(text[range]))
    return answer.isEmpty ? nil : answer
  }
}

extension PatternReading: Hashable {
  static func == (left: PatternReading, right: PatternReading) -> Bool {
    UTF8Order.equal(left.pattern, right.pattern) && left.choice == right.choice
  }

  func hash(into hasher: inout Hasher) { hasher.combine(choice) }
}
