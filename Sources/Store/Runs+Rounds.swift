package import Primitives

/// Runs that asked for the same things anew, the first of which were cut off: what one of them
/// bought, the next does not buy again.
extension Runs {
  /// Notes what a run asks for anew, and finds the earlier runs that it goes on with.
  ///
  /// Those are the runs of the same workflow with the same scope that ended without success, as long
  /// as no run of the workflow has succeeded since. Durable when this returns.
  ///
  /// - Parameters:
  ///   - run: The run that begins.
  ///   - workflow: Its workflow's name.
  ///   - scope: What it asks for anew; runs go on with those of an equal one.
  /// - Returns: The ids of the round's runs, the oldest first; `run` is the last.
  /// - Throws: What reading the list or writing to the run's folder throws.
  package func beginRound(
    _ run: RunFolder,
    workflow: String,
    scope: JSON
  ) async throws(StoreError) -> [String] {
    let runs = try await list()
    return try await Blocking.storeWork { () throws(StoreError) in
      try FileSystem.replace(
        run.scopePath,
        with: scope.canonical + [0x0A],
        temporary: "\(run.path)/.fresh.json-\(Owner.newToken())"
      )
      var round = [run.id]
      for earlier in runs
      where earlier.id != run.id && UTF8Order.equal(earlier.workflow, workflow) {
        guard earlier.status != .succeeded else { break }
        guard !earlier.isLive, try folder(earlier.id).readScope() == scope else { continue }
        round.append(earlier.id)
      }
      return round.reversed()
    }
  }
}

extension RunFolder {
  fileprivate var scopePath: String { "\(path)/fresh.json" }

  /// What the run asked for anew; nil if nothing, or if it cannot be told any more.
  fileprivate func readScope() throws(StoreError) -> JSON? {
    guard FileSystem.size(ofFileAt: scopePath) != nil else { return nil }
    return try? JSON(parsing: FileSystem.read(scopePath))
  }
}
