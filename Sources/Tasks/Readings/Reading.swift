import Diagnostics
import Primitives

/// How the answer is found in a completion: the `answer:` of a template.
package struct Reading: Hashable, Sendable {
  enum Form: Hashable, Sendable {
    case number
    case choice(ChoiceReading)
    case label(LabelReading)
    case json(JSONReading)
    case rating(RatingReading)
    case text
    case regex(PatternReading)
    case harness(HarnessReading)
  }

  let form: Form

  init(_ form: Form) { self.form = form }

  /// Raised when any form would read the same text differently; part of the keys of what reads
  /// answers, and not of the template's reading, whose bytes only the template's words shape.
  package static let version = 2

  /// The names that `as:` may have, sorted.
  package static let forms = (ownForms + harnessForms).sorted()

  /// The forms that are this project's own, sorted.
  package static let ownForms = ["choice", "json", "label", "number", "rating", "regex", "text"]

  /// The forms that read as a published harness does, defects included, sorted.
  package static let harnessForms = HarnessReading.allCases.map(\.rawValue).sorted()

  /// One line about a form; nil for a name that is none.
  package static func summary(of form: String) -> String? {
    switch form {
    case "choice": "a choice, by its letter or its text"
    case "json": "a value in JSON, also where the JSON is damaged"
    case "label": "one of a few labels, by its name or a word for it"
    case "number": "a number, marked or the text's last"
    case "rating": "a judge's rating within a range"
    case "regex": "what a regular expression captures, as Python's re"
    case "text": "the whole text"
    default: HarnessReading(rawValue: form)?.summary
    }
  }

  /// The name of this reading's form.
  package var name: String {
    switch form {
    case .number: "number"
    case .choice: "choice"
    case .label: "label"
    case .json: "json"
    case .rating: "rating"
    case .text: "text"
    case .regex: "regex"
    case .harness(let harness): harness.rawValue
    }
  }

  /// The same reading with another range, where it reads ratings; else the reading as it is.
  package func withRange(_ low: Double, _ high: Double) -> Reading {
    guard case .rating = form else { return self }
    return Reading(.rating(RatingReading(low: low, high: high)))
  }

  /// The answer in a completion; a choice is found by the choices of the row that was asked about.
  package func read(_ text: String, for record: Record?) -> ReadAnswer {
    switch form {
    case .number: return NumberReading.read(text)
    case .choice(let reading): return reading.read(text, for: record)
    case .label(let reading): return reading.read(text)
    case .json(let reading): return reading.read(text)
    case .rating(let reading): return reading.read(text)
    case .regex(let reading): return reading.read(text)
    case .harness(let reading): return reading.read(text, for: record)
    case .text:
      let trimmed = Scalar.trimmed(text)
      let value = trimmed.isEmpty ? nil : trimmed
      return ReadAnswer(strict: value, flexible: value, equal: UTF8Order.equal)
    }
  }

  /// A record's own label in the form that read answers have; nil where it has none.
  package func expected(_ record: Record) -> String? {
    guard let label = record.label else { return nil }
    return switch form {
    case .number: Normalization.number(label) ?? label
    case .choice(let reading): reading.expected(record)
    case .label(let reading): reading.expected(label)
    case .harness(let reading): reading.expected(record)
    case .json, .rating, .text, .regex: label
    }
  }

  /// Whether two answers are the same: numbers by value, choices and labels whatever their letter
  /// case, texts by their bytes but for white space at the ends.
  package func equal(_ left: String, _ right: String) -> Bool {
    switch form {
    case .number, .json, .rating, .regex: Normalization.equal(left, right)
    case .harness(let reading): reading.equal(left, right)
    case .choice, .label: Normalization.equalFolded(left, right)
    case .text: UTF8Order.equal(Scalar.trimmed(left), Scalar.trimmed(right))
    }
  }
}
