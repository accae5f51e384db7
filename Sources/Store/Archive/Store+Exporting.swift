import Foundation
import GRDB
package import Primitives

extension Store {
  /// Writes a run with all that it needs to one archive, the same bytes for the same run.
  ///
  /// In it are the run's folder, its results, what they name, and the calls that it and the runs behind
  /// its results made or may have reused, with every ended attempt. `calls` names further ones.
  ///
  /// - Throws: `.noSuchRun`, damage of what is needed, `.refusedArchive` if the run has no record yet.
  package func export(
    run id: String,
    to path: String,
    calls: Set<Digest> = []
  ) async throws(StoreError) -> ArchiveReport {
    let info = try await runs.find(id)
    let folder = runs.folder(info.id)
    guard FileSystem.size(ofFileAt: folder.recordPath) != nil else {
      throw .refusedArchive(path: path, reason: "run '\(info.id)' has no record yet")
    }
    let record = try await folder.readRecord()
    let named = try await StoredDigests.inFile(at: folder.recordPath)
    let results = try await results(named: named)
    let chosen = try await callIDs(info, record, results, named.union(calls))
    let exporter = RunExporter(
      store: self,
      info: info,
      named: named,
      results: results,
      calls: chosen
    )
    return try await exporter.write(to: path)
  }

  /// All results of the keys among these digests, in their order.
  private func results(named: Set<Digest>) async throws(StoreError) -> [ResultRecord] {
    let keys = named.sorted()
    let found = try await index.read { db in
      try keys.flatMap { try Results.fetch($0, db, path: self.index.path) }
    }
    return try await Blocking.storeWork { () throws(StoreError) in
      found.filter { result in
        self.objects.find(result.key) != nil
          && result.outputs.allSatisfy { self.objects.contains($0.object) }
      }
    }
  }

  /// Rows of the calls that a run needs, sorted by key.
  private func callIDs(
    _ run: RunInfo,
    _ record: JSON,
    _ results: [ResultRecord],
    _ named: Set<Digest>
  ) async throws(StoreError) -> [Int64] {
    let instances = record["instances"]?.array ?? []
    var payers = Set(results.map(\.runID) + instances.compactMap { $0["origin_run"]?.string })
    payers.insert(run.id)
    // Which calls were reused nobody wrote down: those of earlier runs of the workflow may be among
    // them.
    let reuses =
      instances.contains { $0["facts"]?["reused"]?.int ?? 0 > 0 }
      || results.contains { $0.facts["reused"]?.int ?? 0 > 0 }
    let list = payers.sorted(by: UTF8Order.less).map(JSON.string)
    let arguments: StatementArguments = [
      "runs": JSON.array(list).compactText, "account": reuses ? run.workflow : nil,
      "end": run.endedAt ?? Int64.max,
    ]
    return try await ledger.database.read { db in
      var rows = try Row.fetchAll(db, sql: Self.callsOfRuns, arguments: arguments)
      for key in named {
        rows += try Row.fetchAll(
          db.cachedStatement(sql: "SELECT id, key FROM calls WHERE key = ?"),
          arguments: [key.blob]
        )
      }
      var keys: [Digest: Int64] = [:]
      for row in rows { keys[try row.digest(at: 1, in: self.ledger.database.path)] = row[0] }
      return keys.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private static let callsOfRuns = """
    SELECT DISTINCT c.id, c.key FROM payers p JOIN attempts a ON a.payer = p.id
      JOIN calls c ON c.id = a.id >> 20
    WHERE p.run IN (SELECT value FROM json_each(:runs))
      OR (p.account = :account AND a.started_at <= :end)
    """
}
