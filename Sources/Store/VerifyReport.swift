/// One thing that `verify` found wrong.
package struct VerifyProblem: Hashable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    /// An object's bytes have another digest.
    case damagedObject = "damaged-object"
    /// A result names an object that is not there: it will be made again.
    case missingOutput = "missing-output"
    /// A call's answer or request is an object that is not there.
    case missingAnswer = "missing-answer"
    /// An answer is not what was sealed.
    case damagedAnswer = "damaged-answer"
    /// A file in `objects` that the store did not put there.
    case foreignFile = "foreign-file"
    case damagedDatabase = "damaged-database"
  }

  package let kind: Kind
  /// Which object, file or call, and what was found.
  package let what: String
  /// What to do about it.
  package let hint: String
}

/// What `verify` looked at, and what it found.
package struct VerifyReport: Sendable {
  package internal(set) var objects = 0
  package internal(set) var bytes = 0
  package internal(set) var answers = 0
  package internal(set) var problems: [VerifyProblem] = []

  package var isSound: Bool { problems.isEmpty }

  mutating func add(_ kind: VerifyProblem.Kind, _ what: String, hint: String) {
    problems.append(VerifyProblem(kind: kind, what: what, hint: hint))
  }
}
