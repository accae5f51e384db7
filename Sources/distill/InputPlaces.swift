import Exports
import Lineage
import Primitives
import Store

/// Where the bytes of a run's inputs may be, beside the store: where the run read them, if nobody
/// changed them since.
enum InputPlaces {
  static func find(
    _ path: String,
    _ digest: Digest,
    _ run: RecordedRun
  ) async -> [RunCrate.Source] {
    [.file(path: path)]
  }
}

extension RecordLookup {
  /// The record of the run that a name means.
  ///
  /// - Throws: `ExitStatus` where it has none: it goes on, or was killed.
  static func recorded(
    _ name: String,
    _ store: Store,
    _ records: RunRecords
  ) async throws -> RecordedRun {
    let info = try await store.runs.find(name)
    if let record = try await records.record(info.id) { return record }
    let why = info.isLive ? "goes on" : "was killed before its end"
    Terminal.error(
      "error: run '\(info.id)' has no record: it \(why)\n  hint: run the workflow again; what is "
        + "in the cache is not done again"
    )
    throw ExitStatus.usage
  }
}
