import Primitives
package import Store

/// Follows results back to prompts, files, models and commits.
///
/// A result is known by its action key, whose preimage names by digest all that was consumed. Who
/// made those bytes says the record of the run at hand; where it does not know, any result of the
/// store with such an output.
package struct Tracer: Sendable {
  let store: Store
  let records: RunRecords

  package init(_ store: Store, _ records: RunRecords) {
    self.store = store
    self.records = records
  }

  /// The trail of an instance of a run, by the results that this run used.
  ///
  /// - Throws: `LineageError` for an instance without a key, and what the store throws.
  package func trail(of instance: RecordedInstance, in run: RecordedRun) async throws -> Trail {
    guard let key = instance.key else {
      throw LineageError(
        "'\(instance.id)' was not reached by run \(run.id)"
          + (instance.error.map { ": \($0)" } ?? "")
      )
    }
    return try await trail(of: key, in: run, named: instance.id)
  }

  /// The trail of a result, by the record of the run that made it, if it left one.
  package func trail(of result: ResultRecord) async throws -> Trail {
    try await trail(of: result.key, in: try await records.record(result.runID), named: nil)
  }

  private func trail(
    of key: Digest,
    in run: RecordedRun?,
    named name: String?
  ) async throws -> Trail {
    var walk = TrailWalk(tracer: self)
    try await walk.visit(key, run, named: name)
    return Trail(root: key, steps: walk.steps)
  }

  /// The run that a result came from.
  package func origin(_ runID: String) async throws -> RunOrigin {
    if let record = try await records.record(runID) { return RunOrigin(record) }
    return RunOrigin(runID: runID, try await store.runs.list().first { $0.id == runID })
  }

  /// The result that an action led to in a run; without such a one, the latest.
  func result(_ key: Digest, _ runID: String?) async throws -> ResultRecord? {
    let all = try await store.results.all(for: key)
    return all.last { $0.runID == runID } ?? all.last
  }
}

/// Why a question about lineage has no answer.
package struct LineageError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package let hint: String?

  package init(_ description: String, hint: String? = nil) {
    self.description = description
    self.hint = hint
  }
}
