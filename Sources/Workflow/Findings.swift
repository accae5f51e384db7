import Diagnostics

/// What the reading of a workflow has found so far: problems, each once, and names that were used.
///
/// A class, since everything that reads a part of one workflow adds to the same findings; it
/// belongs to one call of `load` and never leaves it.
final class Findings {
  private(set) var problems: [Problem] = []
  /// Parameters, axes, models and nodes that something refers to.
  var used: Set<String> = []
  private var known: Set<Problem> = []

  var hasErrors: Bool { problems.contains { $0.severity == .error } }

  /// Takes a problem, unless the same was found before at another point of the matrix.
  func add(_ problem: Problem) {
    if known.insert(problem).inserted { problems.append(problem) }
  }

  func error(
    _ message: String,
    at location: Location?,
    hint: String? = nil,
    notes: [Problem.Note] = []
  ) {
    add(Problem(message, at: location, hint: hint, notes: notes))
  }

  func warning(_ message: String, at location: Location?, hint: String? = nil) {
    add(Problem(message, at: location, severity: .warning, hint: hint))
  }

  /// Takes over what another reading found.
  func merge(_ other: Findings) {
    for problem in other.problems { add(problem) }
    used.formUnion(other.used)
  }

  /// The problems in the order of their places, errors and warnings mixed; those without a place
  /// come first.
  var sorted: [Problem] {
    problems.enumerated().sorted { left, right in
      let one = left.element.location
      let other = right.element.location
      let places = ((one?.line ?? 0, one?.column ?? 0), (other?.line ?? 0, other?.column ?? 0))
      return places.0 == places.1 ? left.offset < right.offset : places.0 < places.1
    }.map(\.element)
  }
}
