import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// The jobs of a key, of a kind, that have not ended, or all; oldest first.
  package func jobs(
    key: Digest? = nil,
    kind: JobKind? = nil,
    openOnly: Bool = false
  ) async throws(StoreError) -> [RemoteJob] {
    try await database.read { db in
      let sql = """
        \(Ledger.jobColumns)
        WHERE (?1 IS NULL OR j.key = ?1) AND (?2 IS NULL OR j.kind = ?2)
          AND (?3 = 0 OR j.state IN \(JobState.open))
        ORDER BY j.id
        """
      let rows = try Row.fetchAll(db, sql: sql, arguments: [key?.blob, kind?.rawValue, openOnly])
      return try rows.map { try self.job($0) }
    }
  }

  /// A job as it stands.
  package func job(_ id: Int64) async throws(StoreError) -> RemoteJob {
    try await database.read { db in try self.job(id, db) }
  }

  static let jobColumns = """
    SELECT j.id, j.key, j.kind, j.model, j.tag, j.remote_id, j.state, j.detail, j.created_at,
      j.updated_at, p.run, p.account, j.reserved_nanos, j.cost_nanos, j.owner, j.payer
    FROM jobs j LEFT JOIN payers p ON p.id = j.payer
    """
  static let jobOwner = 14
  static let jobPayer = 15

  func jobRow(_ id: Int64, _ db: Database) throws -> Row {
    let statement = try db.cachedStatement(sql: Ledger.jobColumns + " WHERE j.id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw StoreError.noSuchJob(id)
    }
    return row
  }

  func job(_ id: Int64, _ db: Database) throws -> RemoteJob { try job(jobRow(id, db)) }

  /// Reads a row of `jobColumns`.
  func job(_ row: Row) throws -> RemoteJob {
    let text: String = row[7]
    guard let kind = JobKind(rawValue: row[2]), let state = JobState(rawValue: row[6]),
      let detail = try? JSON(parsing: text)
    else {
      throw StoreError.damagedFile(
        path: database.path,
        reason: "job \(row[0] as Int64) has no known kind or state, or no JSON"
      )
    }
    return RemoteJob(
      id: row[0],
      key: try row.digest(at: 1, in: database.path),
      kind: kind,
      model: row[3],
      tag: row[4],
      remoteID: row[5],
      state: state,
      detail: detail,
      createdAt: row[8],
      updatedAt: row[9],
      runID: row[10],
      account: row[11],
      reserved: (row[12] as Int64?).map { Money(nanos: $0) },
      cost: (row[13] as Int64?).map { Money(nanos: $0) },
      isFollowed: !state.isFinal && isHeld(row[Ledger.jobOwner] as String?)
    )
  }
}
