import Primitives

/// Which runs a collection drops.
struct RunChoice {
  /// Ids of the runs that go.
  private(set) var dropped: Set<String> = []
  /// Runs that would go, if they did not stay for a reason.
  private(set) var keptRuns: [(id: String, reason: String)] = []
  private let runs: [RunInfo]
  /// Runs that may go for the sake of space, the oldest last.
  private var spare: [RunInfo] = []

  init(_ facts: CollectionFacts, _ selection: GCSelection) {
    runs = facts.runs
    let now = WallClock.milliseconds
    let named = Set(selection.runs)
    for (place, run) in facts.runs.enumerated() {
      let isOld = selection.olderThan.map { age in
        (run.endedAt ?? run.startedAt) < now - Int64(age) * 1000
      }
      let isBeyond = selection.keepRuns.map { place >= $0 }
      // Of two rules both must hold.
      let falls = selection.hasRule && isOld ?? true && isBeyond ?? true
      if run.isLive {
        if falls || named.contains(run.id) { keptRuns.append((run.id, "it is going on")) }
      } else if facts.pins.contains(.run(run.id)) {
        if falls || named.contains(run.id) { keptRuns.append((run.id, "it is pinned")) }
      } else if falls || named.contains(run.id) {
        dropped.insert(run.id)
      } else if isBeyond ?? true {
        spare.append(run)
      }
    }
  }

  /// The runs that go, oldest first.
  var droppedRuns: [RunInfo] { runs.reversed().filter { dropped.contains($0.id) } }

  /// Drops one more run; false if none is left that may go.
  mutating func dropOldest() -> Bool {
    guard let run = spare.popLast() else { return false }
    dropped.insert(run.id)
    return true
  }
}
