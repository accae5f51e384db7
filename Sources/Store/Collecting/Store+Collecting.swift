import GRDB
import Primitives

extension Store {
  /// Removes the objects that no result, run, call or kept object refers to, and what a selection
  /// takes.
  ///
  /// What refers is told by the letter: any 64 hexadecimal digits that name an object keep it. Without
  /// a selection no row is removed; answers never are, unless the selection says so and agrees to
  /// their price.
  ///
  /// - Throws: `.inUse` if another process may be writing what nothing refers to yet;
  ///   `.priceNotAgreed`.
  package func gc(
    _ selection: GCSelection = GCSelection(),
    dryRun: Bool
  ) async throws(StoreError) -> GCReport {
    if dryRun { return try await collect(selection, removing: false) }
    try await becomeOnlyUser()
    let result: Result<GCReport, StoreError>
    do throws(StoreError) {
      result = .success(try await collect(selection, removing: true))
    } catch {
      result = .failure(error)
    }
    try await Blocking.storeWork { () throws(StoreError) in try self.use?.lock(.shared) }
    return try result.get()
  }

  func becomeOnlyUser() async throws(StoreError) {
    guard mode != .readOnly else { throw .readOnly(path: path) }
    try await Blocking.storeWork { () throws(StoreError) in
      guard try self.use?.tryLock(.exclusive) == true else {
        // A refused change of a flock may have cost the lock that was there.
        try self.use?.lock(.shared)
        throw .inUse(path: self.path)
      }
    }
  }

  private func collect(
    _ selection: GCSelection,
    removing: Bool
  ) async throws(StoreError) -> GCReport {
    if removing { try await finishRemovals() }
    let facts = try await CollectionFacts.gather(self, selection)
    var plan = try await Blocking.storeWork { () throws(StoreError) in
      var planner = CollectionPlanner(facts: facts, selection: selection, store: self)
      return try planner.plan()
    }
    guard removing else { return plan.report }
    try agree(plan.report.answers, selection)
    try await removeRows(plan)
    let planned = plan.report
    try await Blocking.storeWork { () throws(StoreError) in
      for object in planned.removable {
        try FileSystem.remove(self.objects.path(of: object.digest))
      }
      for temporary in planned.temporaries { try FileSystem.remove(temporary) }
      // Last: a collection that is killed before this finds the same runs again.
      for run in planned.runs { try self.layout.setAside(run: run.id) }
    }
    try await finishRemovals()
    plan.report.removed = true
    return plan.report
  }

  private func agree(
    _ answers: LostAnswers,
    _ selection: GCSelection
  ) throws(StoreError) {
    guard answers.count > 0 else { return }
    guard let most = selection.giveUp, answers.cost <= most else {
      throw .priceNotAgreed(answers)
    }
  }

  private func removeRows(_ plan: CollectionPlan) async throws(StoreError) {
    if !plan.answers.isEmpty { try await ledger.giveUpAnswers(plan.answers) }
    let (results, instances) = (plan.results, plan.instances)
    guard !results.isEmpty || !instances.isEmpty else { return }
    try await index.write { db in
      for id in results {
        try db.execute(sql: "DELETE FROM outputs WHERE result = ?", arguments: [id])
        try db.execute(sql: "DELETE FROM results WHERE id = ?", arguments: [id])
      }
      for id in instances {
        try db.execute(
          sql: "DELETE FROM instances WHERE workflow = ? AND instance = ?",
          arguments: [id.workflow, id.instance]
        )
      }
    }
  }

  /// Removes the folders that were set aside, and takes their runs from the list.
  private func finishRemovals() async throws(StoreError) {
    let gone = try await Blocking.storeWork { () throws(StoreError) in
      try self.layout.runsSetAside()
    }
    guard !gone.isEmpty else { return }
    try await index.write { db in
      for run in gone { try db.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [run]) }
    }
    try await Blocking.storeWork { () throws(StoreError) in
      for run in gone {
        try FileSystem.removeTree("\(self.layout.runs)/\(StoreLayout.goneRunPrefix)\(run)")
      }
    }
  }
}

extension StoreLayout {
  /// Renames the folder of a run that goes.
  func setAside(run: String) throws(StoreError) {
    let folder = "\(runs)/\(run)"
    let target = "\(runs)/\(StoreLayout.goneRunPrefix)\(run)"
    // A run that was killed while it began may have no folder.
    if FileSystem.isFolder(folder) {
      try FileSystem.rename(folder, to: target)
    } else {
      try FileSystem.makeFolder(target)
    }
    try FileSystem.synchronizeFolder(runs)
  }

  func runsSetAside() throws(StoreError) -> [String] {
    try (FileSystem.names(in: runs) ?? []).filter { $0.hasPrefix(StoreLayout.goneRunPrefix) }
      .map { String($0.dropFirst(StoreLayout.goneRunPrefix.utf8.count)) }
  }
}
