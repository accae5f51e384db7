import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// Asks for the job of a key; an intent is durable when this returns.
  ///
  /// A job that failed or was cancelled is no obstacle to a new one. A job whose process ended is
  /// handed to this one.
  package func openJob(
    key: Digest,
    kind: String,
    model: String,
    runID: String?
  ) async throws(StoreError) -> JobClaim {
    let owner = try ownerToken()
    return try await database.write { db in
      let sql = Ledger.jobColumns + " WHERE key = ? AND kind = ? ORDER BY id DESC LIMIT 1"
      let row = try Row.fetchOne(db, sql: sql, arguments: [key.blob, kind])
      if let row {
        let job = try self.job(row)
        switch job.state {
        case .succeeded: return .existing(job)
        case .failed, .cancelled: break
        case .intended, .created:
          if self.isHeldByOther(row[11] as String?) { return .heldByOther }
          try db.execute(
            sql: "UPDATE jobs SET owner = ? WHERE id = ?",
            arguments: [owner, job.id]
          )
          return .existing(job)
        }
      }
      return .created(try self.insertJob(key, kind, model, runID, owner, db))
    }
  }

  private func insertJob(
    _ key: Digest,
    _ kind: String,
    _ model: String,
    _ runID: String?,
    _ owner: String,
    _ db: Database
  ) throws -> RemoteJob {
    let now = WallClock.milliseconds
    try db.execute(
      sql: """
        INSERT INTO jobs (key, kind, model, tag, state, run, owner, created_at, updated_at, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')
        """,
      arguments: [
        key.blob, kind, model, "distill-\(Owner.newToken())", JobState.intended.rawValue, runID,
        owner, now, now,
      ]
    )
    return try job(db.lastInsertedRowID, db)
  }

  /// Records how a job stands; durable when this returns.
  ///
  /// Without a `remoteID` the one recorded stays.
  @discardableResult
  package func updateJob(
    _ id: Int64,
    remoteID: String?,
    state: JobState,
    detail: JSON
  ) async throws(StoreError) -> RemoteJob {
    try await database.write { db in
      try db.execute(
        sql: """
          UPDATE jobs SET remote_id = coalesce(?, remote_id), state = ?, detail = ?, updated_at = ?
          WHERE id = ?
          """,
        arguments: [remoteID, state.rawValue, detail.compactText, WallClock.milliseconds, id]
      )
      return try self.job(id, db)
    }
  }

  /// The jobs of a key, or all, oldest first.
  package func jobs(key: Digest? = nil) async throws(StoreError) -> [RemoteJob] {
    try await database.read { db in
      let sql = Ledger.jobColumns + " WHERE ?1 IS NULL OR key = ?1 ORDER BY id"
      return try Row.fetchAll(db, sql: sql, arguments: [key?.blob]).map { try self.job($0) }
    }
  }

  private static let jobColumns = """
    SELECT id, key, kind, model, tag, remote_id, state, detail, created_at, updated_at, run, owner
    FROM jobs
    """

  private func job(_ id: Int64, _ db: Database) throws -> RemoteJob {
    let sql = Ledger.jobColumns + " WHERE id = ?"
    guard let row = try Row.fetchOne(db, sql: sql, arguments: [id]) else {
      throw StoreError.noSuchJob(id)
    }
    return try job(row)
  }

  private func job(_ row: Row) throws -> RemoteJob {
    let text: String = row[7]
    guard let state = JobState(rawValue: row[6]), let detail = try? JSON(parsing: text) else {
      throw StoreError.damagedFile(
        path: database.path,
        reason: "job \(row[0] as Int64) has no known state, or no JSON"
      )
    }
    return RemoteJob(
      id: row[0],
      key: try row.digest(at: 1, in: database.path),
      kind: row[2],
      model: row[3],
      tag: row[4],
      remoteID: row[5],
      state: state,
      detail: detail,
      createdAt: row[8],
      updatedAt: row[9],
      runID: row[10]
    )
  }
}
