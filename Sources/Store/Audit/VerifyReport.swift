package import Primitives

/// What `verify` looked at, and what it found.
package struct VerifyReport: Sendable {
  package internal(set) var objects = 0
  package internal(set) var bytes = 0
  package internal(set) var answers = 0
  package internal(set) var problems: [VerifyProblem] = []
  /// Files that killed processes left behind: no damage, and swept by whoever opens the store next.
  package internal(set) var leftovers: [String] = []
  /// Answers that were paid for, and that nothing here can serve any more.
  package internal(set) var lost = LostAnswers()

  package var isSound: Bool { problems.isEmpty }

  mutating func add(
    _ kind: VerifyProblem.Kind,
    at place: String,
    _ what: String,
    hint: String? = nil
  ) {
    problems.append(VerifyProblem(kind: kind, place: place, what: what, hint: hint ?? kind.hint))
  }
}

/// Answers that have to be bought again, and what they had cost.
package struct LostAnswers: Hashable, Sendable {
  package internal(set) var count = 0
  /// Of those whose cost is recorded.
  package internal(set) var cost = Money.zero
  /// How many have no recorded cost.
  package internal(set) var unpriced = 0
  /// Whether there may be more, of which no row can be read.
  package internal(set) var mayBeMore = false

  package var isNothing: Bool { count == 0 && !mayBeMore }

  mutating func add(cost: Money?) {
    count += 1
    if let cost { self.cost += cost } else { unpriced += 1 }
  }
}
