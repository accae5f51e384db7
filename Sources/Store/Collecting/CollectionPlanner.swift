import Primitives

/// What a collection is going to take.
struct CollectionPlan: Sendable {
  var report = GCReport()
  /// Rows of `results`.
  var results: [Int64] = []
  var instances: [(workflow: String, instance: String)] = []
  /// Rows of `answers`.
  var answers: [Int64] = []
}

/// Works out what may go.
///
/// Blocks.
struct CollectionPlanner {
  let facts: CollectionFacts
  let selection: GCSelection
  let store: Store
  /// What an object names, of those that were read.
  private var references: [Digest: Set<Digest>] = [:]
  /// What the records of runs name.
  private var records: [String: Set<Digest>] = [:]
  private var objects: [ObjectRef] = []

  init(facts: CollectionFacts, selection: GCSelection, store: Store) {
    self.facts = facts
    self.selection = selection
    self.store = store
  }

  mutating func plan() throws(StoreError) -> CollectionPlan {
    try readRecords()
    try listObjects()
    var choice = RunChoice(facts, selection)
    var kept = try kept(without: choice.dropped)
    if let most = selection.maxSize {
      while bytes(of: kept) > most, choice.dropOldest() {
        kept = try self.kept(without: choice.dropped)
      }
    }
    return plan(choice, kept)
  }

  private func plan(_ choice: RunChoice, _ kept: Kept) -> CollectionPlan {
    var plan = CollectionPlan()
    plan.results = facts.results.filter { !kept.results.contains($0.id) }.map(\.id)
    plan.instances = facts.instances.filter { !isKept($0, choice.dropped, kept) }
      .map { ($0.workflow, $0.instance) }
    let answers = facts.answers.filter { isTaken($0, choice.dropped) }
    plan.answers = answers.map(\.id)
    for answer in answers { plan.report.answers.add(cost: answer.cost) }
    plan.report.results = plan.results.count
    plan.report.runs = choice.droppedRuns
    plan.report.keptRuns = choice.keptRuns
    let now = WallClock.nanoseconds / 1_000_000_000
    for object in objects {
      if kept.objects.contains(object.digest) {
        plan.report.keptObjects += 1
        plan.report.keptBytes += object.size
      } else if isYoung(object, now) {
        plan.report.youngObjects += 1
      } else {
        plan.report.removable.append(object)
      }
    }
    plan.report.temporaries = (try? store.layout.deadTemporaries()) ?? []
    return plan
  }

  /// A clock that was set back makes no object old.
  private func isYoung(_ object: ObjectRef, _ now: Int64) -> Bool {
    guard let status = FileSystem.status(store.objects.path(of: object.digest)) else { return true }
    return now - FileSystem.modified(status) < Int64(selection.minimumAge)
  }

  // MARK: What is kept

  private struct Kept {
    var results: Set<Int64> = []
    var keys: Set<Digest> = []
    var objects: Set<Digest> = []
  }

  private mutating func kept(without dropped: Set<String>) throws(StoreError) -> Kept {
    var named = selection.roots
    for (run, names) in records where !dropped.contains(run) { named.formUnion(names) }
    for case .object(let digest) in facts.pins { named.insert(digest) }
    var kept = Kept()
    var roots = named.union(facts.ledgerRoots).union(facts.answerObjects)
    for answer in facts.answers where isTaken(answer, dropped) {
      if let object = answer.object, !named.contains(object) { roots.remove(object) }
    }
    for result in facts.results where !dropped.contains(result.run) || named.contains(result.key) {
      kept.results.insert(result.id)
      kept.keys.insert(result.key)
      roots.insert(result.key)
      roots.formUnion(result.names)
    }
    for instance in facts.instances where isKept(instance, dropped, kept) {
      roots.insert(instance.key)
    }
    kept.objects = try reachable(from: roots)
    return kept
  }

  private func isKept(
    _ instance: CollectionFacts.Instance,
    _ dropped: Set<String>,
    _ kept: Kept
  ) -> Bool {
    !dropped.contains(instance.run) || kept.keys.contains(instance.key)
  }

  private func isTaken(_ answer: CollectionFacts.Answer, _ dropped: Set<String>) -> Bool {
    guard selection.takesAnswers, let runs = answer.runs else { return false }
    return !runs.isEmpty && runs.isSubset(of: dropped)
  }

  private func bytes(of kept: Kept) -> Int {
    objects.reduce(0) { $0 + (kept.objects.contains($1.digest) ? $1.size : 0) }
  }

  /// The objects among the roots, those that they name, and so on.
  private mutating func reachable(from roots: Set<Digest>) throws(StoreError) -> Set<Digest> {
    var kept: Set<Digest> = []
    var waiting = Array(roots)
    while let digest = waiting.popLast() {
      guard !kept.contains(digest), store.objects.find(digest) != nil else { continue }
      kept.insert(digest)
      waiting.append(contentsOf: try names(of: digest).subtracting(kept))
    }
    return kept
  }

  private mutating func names(of digest: Digest) throws(StoreError) -> Set<Digest> {
    if let known = references[digest] { return known }
    let found = try DigestScanner.digests(inFileAt: store.objects.path(of: digest))
    references[digest] = found
    return found
  }

  // MARK: Reading

  private mutating func readRecords() throws(StoreError) {
    for run in try FileSystem.names(in: store.layout.runs) ?? [] where RunFolder.isID(run) {
      let record = store.runs.folder(run).recordPath
      guard FileSystem.size(ofFileAt: record) != nil else { continue }
      records[run] = try DigestScanner.digests(inFileAt: record)
    }
  }

  private mutating func listObjects() throws(StoreError) {
    for prefix in ObjectStore.folderNames {
      for case .object(let object) in try store.objects.entries(inFolder: prefix) {
        objects.append(object)
      }
    }
  }
}
