import GRDB
import Primitives

extension Store {
  /// Counts what is in the store; reads no object.
  package func stats() async throws(StoreError) -> StoreStats {
    let objects = try await countObjects()
    let (results, runs) = try await index.read { db in
      (try Store.count("results", db), try Store.count("runs", db))
    }
    let (calls, jobs, attempts) = try await ledger.database.read { db in
      (try Store.count("calls", db), try Store.count("jobs", db), try Store.attempts(db))
    }
    return StoreStats(
      objects: objects.count,
      objectBytes: objects.bytes,
      results: results,
      runs: runs,
      calls: calls,
      inDoubt: try await ledger.inDoubt().count,
      attempts: attempts,
      jobs: jobs,
      indexBytes: Store.size(of: layout.index),
      ledgerBytes: Store.size(of: layout.ledger)
    )
  }

  private func countObjects() async throws(StoreError) -> (count: Int, bytes: Int) {
    try await Blocking.storeWork { () throws(StoreError) in
      var (count, bytes) = (0, 0)
      for prefix in ObjectStore.folderNames {
        for case .object(let object) in try self.objects.entries(inFolder: prefix) {
          count += 1
          bytes += object.size
        }
      }
      return (count, bytes)
    }
  }

  private static func count(_ table: String, _ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
  }

  private static func attempts(_ db: Database) throws -> [String: StoreStats.Attempts] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT outcome, count(*), coalesce(sum(prompt_tokens), 0),
          coalesce(sum(completion_tokens), 0), coalesce(sum(cost_nanos), 0)
        FROM attempts GROUP BY 1
        UNION ALL SELECT 'open', count(*), 0, 0, 0 FROM claims HAVING count(*) > 0
        """
    )
    return Dictionary(
      uniqueKeysWithValues: rows.map { row in
        (
          row[0],
          StoreStats.Attempts(
            count: row[1],
            promptTokens: row[2],
            completionTokens: row[3],
            cost: Money(nanos: row[4])
          )
        )
      }
    )
  }

  private static func size(of database: String) -> Int {
    (FileSystem.size(ofFileAt: database) ?? 0) + (FileSystem.size(ofFileAt: database + "-wal") ?? 0)
  }
}
