// Diagnostics: positions in text, problems found there, and how they are printed.
// It knows nothing about YAML, workflows or what a problem means.

/// A place in a source text; lines and columns count from 1, columns in Unicode scalars.
package struct Location: Hashable, Sendable {
  package let file: String
  package let line: Int
  package let column: Int
  /// Width of what is pointed at, in Unicode scalars of its first line; at least 1.
  package let length: Int

  package init(file: String, line: Int, column: Int, length: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
    self.length = max(length, 1)
  }
}

/// Something wrong with what the user wrote, or worth a warning.
package struct Problem: Error, Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable {
    case error, warning
  }

  /// A second place that belongs to the problem: the first of two twins, a step of a cycle.
  package struct Note: Hashable, Sendable {
    package let message: String
    package let location: Location?

    package init(_ message: String, at location: Location? = nil) {
      self.message = message
      self.location = location
    }
  }

  package let severity: Severity
  /// Lower case, names quoted: what was found and what was expected.
  package let message: String
  package let location: Location?
  /// What to do next.
  package let hint: String?
  package let notes: [Note]

  package init(
    _ message: String,
    at location: Location?,
    severity: Severity = .error,
    hint: String? = nil,
    notes: [Note] = []
  ) {
    self.severity = severity
    self.message = message
    self.location = location
    self.hint = hint
    self.notes = notes
  }
}

extension Problem {
  /// The problem with a place, where it has none of its own.
  package func at(_ fallback: Location?) -> Problem {
    guard location == nil else { return self }
    return Problem(message, at: fallback, severity: severity, hint: hint, notes: notes)
  }
}

/// All problems of one reading, thrown together.
package struct Problems: Error, Sendable {
  package let all: [Problem]

  package init(_ all: [Problem]) { self.all = all }
}
