import Exports
import Foundation
import Lineage
import Primitives
import Provenance
import Store

/// Where the bytes of a run's inputs may be, beside the store: where the run read them, if nobody
/// changed them since, and in the commit that it was pinned to.
enum InputPlaces {
  static func sources(of wanted: RunCrate.Wanted, _ run: RecordedRun) -> [RunCrate.Source] {
    let commits = [run.git?.runCommit, run.git?.commit].compactMap { $0 }
    guard let path = wanted.pathInRepository, let commit = commits.first else {
      return [.file(path: wanted.path)]
    }
    let blob = RunCrate.Source.bytes {
      try await Blocking.run { try contents(of: path, in: commit, run) }
    }
    return [.file(path: wanted.path), blob]
  }

  /// A file of a commit; nil where the repository, the commit or the file is not there.
  private static func contents(
    of path: String,
    in commit: String,
    _ run: RecordedRun
  ) throws -> [UInt8]? {
    // The run may have been in another checkout, which is gone: then this one may have its commit.
    for place in [run.workflow.path, FileManager.default.currentDirectoryPath] {
      guard FileManager.default.fileExists(atPath: place),
        let repository = try Repository.discover(from: place),
        (try? repository.resolve(commit)) != nil
      else { continue }
      if let bytes = try repository.contents(of: path, in: commit) { return bytes }
    }
    return nil
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
