package import Primitives

/// What a collection may take, beside what nothing needs anyway.
package struct GCSelection: Sendable {
  /// Runs that ended longer ago than so many seconds; nil: age does not count.
  package var olderThan: Int?
  /// All but so many of the newest runs; nil: their number does not count.
  package var keepRuns: Int?
  /// These runs, by their ids.
  package var runs: [String] = []
  /// The oldest runs, until the objects have no more than so many bytes.
  package var maxSize: Int?
  /// Objects and results that stay whatever names them: of lock files, say.
  package var roots: Set<Digest> = []
  /// Objects that are younger stay: nothing may name them yet.
  package var minimumAge = 3600
  /// Also answers that only the runs taken had paid for.
  package var takesAnswers = false
  /// The most that the answers taken may have cost; nil: none is taken without being asked for again.
  package var giveUp: Money?

  package init() {}

  /// Whether runs are taken by rule, not by name.
  var hasRule: Bool { olderThan != nil || keepRuns != nil }
}

/// What `gc` found to be of no use, and removed unless it ran dry.
package struct GCReport: Sendable {
  /// Objects that nothing kept refers to, sorted by digest.
  package internal(set) var removable: [ObjectRef] = []
  /// Temporary files of writers that ended.
  package internal(set) var temporaries: [String] = []
  package internal(set) var keptObjects = 0
  package internal(set) var keptBytes = 0
  /// Objects that nothing refers to, and that are too young to be taken.
  package internal(set) var youngObjects = 0
  /// Runs whose folders and results go, oldest first.
  package internal(set) var runs: [RunInfo] = []
  /// Runs that were named or fell under a rule and stay, and why.
  package internal(set) var keptRuns: [(id: String, reason: String)] = []
  /// How many results go with the runs.
  package internal(set) var results = 0
  /// Answers that go with the runs.
  package internal(set) var answers = LostAnswers()
  package internal(set) var removed = false

  package var bytes: Int { removable.reduce(0) { $0 + $1.size } }
  /// References of git that belong to runs that are gone.
  package var gitRefs: [String] { runs.map { "refs/distill/runs/\($0.id)" } }
}
