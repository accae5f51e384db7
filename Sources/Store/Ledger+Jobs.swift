import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// Asks for the job of a key; an intent is durable when this returns.
  ///
  /// A job that failed or was cancelled is no obstacle to a new one. A job whose process ended is
  /// handed to this one. `reserve` is the most that a new job can cost; nil is unknown, which fits
  /// into no budget.
  package func openJob(
    key: Digest,
    kind: JobKind,
    model: String,
    runID: String?,
    reserve: Money? = nil,
    account: String? = nil,
    budgets: [Budget] = [],
    detail: JSON = [:]
  ) async throws(StoreError) -> JobClaim {
    let owner = try ownerToken()
    let intent = JobIntent(
      key: key,
      kind: kind,
      model: model,
      payer: PayerName(run: runID, account: account),
      reserve: reserve,
      detail: detail
    )
    return try await database.write(.claim) { db in
      let find = Ledger.jobColumns + " WHERE j.key = ? AND j.kind = ? ORDER BY j.id DESC LIMIT 1"
      let arguments: StatementArguments = [key.blob, kind.rawValue]
      if let row = try Row.fetchOne(db, sql: find, arguments: arguments) {
        let job = try self.job(row)
        if job.state == .succeeded { return .existing(job) }
        if !job.state.isFinal {
          return try self.adopt(row, owner, db).map { .existing($0) } ?? .heldByOther
        }
      }
      if let shortfall = try self.writer.accounts.shortfall(reserve, budgets, db) {
        return .overBudget(shortfall)
      }
      return .created(try self.insertJob(intent, owner, db))
    }
  }

  /// Makes this process the one that follows a job.
  ///
  /// - Returns: Nil if it has ended, or if another process that lives follows it.
  package func adoptJob(_ id: Int64) async throws(StoreError) -> RemoteJob? {
    let owner = try ownerToken()
    return try await database.write { db in
      let row = try self.jobRow(id, db)
      return try self.job(row).state.isFinal ? nil : self.adopt(row, owner, db)
    }
  }

  private func adopt(_ row: Row, _ owner: String, _ db: Database) throws -> RemoteJob? {
    guard !isHeldByOther(row[Ledger.jobOwner] as String?) else { return nil }
    let id: Int64 = row[0]
    try db.execute(sql: "UPDATE jobs SET owner = ? WHERE id = ?", arguments: [owner, id])
    return try job(id, db)
  }

  /// Stops following a job, which goes on at its provider: whoever comes next may take it over.
  package func leaveJob(_ id: Int64) async throws(StoreError) {
    let owner = try ownerToken()
    try await database.write { db in
      try db.execute(
        sql: "UPDATE jobs SET owner = NULL WHERE id = ? AND owner = ?",
        arguments: [id, owner]
      )
    }
  }

  /// What a job is before it has a row.
  struct JobIntent: Sendable {
    let key: Digest
    let kind: JobKind
    let model: String
    let payer: PayerName
    let reserve: Money?
    let detail: JSON
  }

  /// Adds a job that is intended, and reserves its worst case.
  func insertJob(_ intent: JobIntent, _ owner: String, _ db: Database) throws -> RemoteJob {
    let now = WallClock.milliseconds
    let payer = try writer.accounts.payer(intent.payer, db)
    try db.execute(
      sql: """
        INSERT INTO jobs (key, kind, model, tag, state, payer, owner, created_at, updated_at,
          reserved_nanos, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        intent.key.blob, intent.kind.rawValue, intent.model, "distill-\(Owner.newToken())",
        JobState.intended.rawValue, payer, owner, now, now, intent.reserve?.nanos,
        intent.detail.compactText,
      ]
    )
    let id = db.lastInsertedRowID
    try writer.accounts.charge(payer, Spending(cost: nil, reserved: intent.reserve), db)
    return try job(id, db)
  }

  /// Records how a job stands; durable when this returns.
  ///
  /// Without a `remoteID` or a `cost` the one recorded stays. While the cost is unknown, the
  /// reservation stands: a job that was never made costs `.zero`.
  @discardableResult
  package func updateJob(
    _ id: Int64,
    remoteID: String?,
    state: JobState,
    detail: JSON,
    cost: Money? = nil
  ) async throws(StoreError) -> RemoteJob {
    try await database.write { db in
      try self.update(id, remoteID, state, detail, cost, db)
    }
  }

  func update(
    _ id: Int64,
    _ remoteID: String?,
    _ state: JobState,
    _ detail: JSON,
    _ cost: Money?,
    _ db: Database
  ) throws -> RemoteJob {
    let before = try jobRow(id, db)
    try db.execute(
      sql: """
        UPDATE jobs SET remote_id = coalesce(?, remote_id), state = ?, detail = ?, updated_at = ?,
          cost_nanos = coalesce(?, cost_nanos)
        WHERE id = ?
        """,
      arguments: [
        remoteID, state.rawValue, detail.compactText, WallClock.milliseconds, cost?.nanos, id,
      ]
    )
    let (old, new) = (try job(before), try job(id, db))
    let change =
      Spending(cost: new.cost, reserved: new.reserved)
      - Spending(cost: old.cost, reserved: old.reserved)
    try writer.accounts.charge(before[Ledger.jobPayer], change, db)
    return new
  }
}
