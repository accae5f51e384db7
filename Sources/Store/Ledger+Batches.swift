import Foundation
import GRDB
package import Primitives

/// What came of asking for many calls at once.
package struct BatchClaim: Sendable {
  /// The job that the granted calls go with, intended; nil if none was granted.
  package let job: RemoteJob?
  /// The calls to send, in the order in which they were asked for.
  package let granted: [Attempt]
  /// Calls that are not to be sent, and why; never `.granted`.
  package let others: [(key: Digest, claim: Claim)]
}

/// What becomes of the calls of a batch that has ended without their answers.
package enum RemainingCalls: Sendable {
  /// The service says that it did not work on them: they are free to be made again.
  case release(Release)
  /// They may have been paid for.
  case leaveInDoubt(detail: JSON?)
}

extension Ledger {
  /// Asks for the right to make many calls as one batch, in one transaction.
  ///
  /// What is free is claimed by a new job, not by this process: whoever's process ends, its calls are
  /// not in doubt as long as the job has not ended. The job is intended, and durable when this
  /// returns. A call that a task of this process is making comes back as `.heldByOther`, a double as
  /// `.inBatch`.
  package func claimBatch(
    _ calls: [CallRequest],
    key: Digest,
    model: String,
    runID: String?,
    account: String? = nil,
    detail: JSON = [:]
  ) async throws(StoreError) -> BatchClaim {
    let owner = try ownerToken()
    var flying: Set<Digest> = []
    var busy: [(key: Digest, claim: Claim)] = []
    var wishes: [Wish] = []
    defer { for key in flying { flights.end(key) } }
    for call in calls {
      guard flying.contains(call.key) || flights.begin(call.key) else {
        busy.append((call.key, .heldByOther))
        continue
      }
      flying.insert(call.key)
      let object = try await externalize(call.request)
      wishes.append(Wish(call: call, requestObject: object, owner: owner))
    }
    let intent = JobIntent(
      key: key,
      kind: .batch,
      model: model,
      payer: PayerName(run: runID, account: account),
      reserve: .zero,
      detail: detail
    )
    let (asked, others) = (wishes, busy)
    return try await database.write(.claim) { db in
      let job = try self.insertJob(intent, owner, db)
      return try self.decide(asked, job, busy: others, db)
    }
  }

  private func decide(
    _ wishes: [Wish],
    _ job: RemoteJob,
    busy: [(key: Digest, claim: Claim)],
    _ db: Database
  ) throws -> BatchClaim {
    var granted: [Attempt] = []
    var others = busy
    for var wish in wishes {
      wish.job = job.id
      switch try decide(wish, db) {
      case .granted(let attempt): granted.append(attempt)
      case let claim: others.append((wish.call.key, claim))
      }
    }
    guard granted.isEmpty else { return BatchClaim(job: job, granted: granted, others: others) }
    try db.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [job.id])
    return BatchClaim(job: nil, granted: [], others: others)
  }

  /// The calls of a batch that have no answer yet, in the order in which they were claimed.
  package func openCalls(of job: RemoteJob) async throws(StoreError) -> [Attempt] {
    try await database.read { db in
      let storeID = try Ledger.storeID(db)
      let statement = try db.cachedStatement(
        sql: """
          SELECT c.key, \(ClaimRow.columns),
            (SELECT count(*) FROM attempts a
              WHERE a.id BETWEEN k.call << 20 AND k.call << 20 | 1048575
                AND a.outcome NOT IN \(Outcome.withoutAnswer))
          FROM claims k CROSS JOIN calls c ON c.id = k.call LEFT JOIN jobs j ON j.id = k.job
          WHERE k.job = ? ORDER BY k.call
          """
      )
      return try Row.fetchAll(statement, arguments: [job.id]).map { row in
        let key = try row.digest(at: 0, in: self.database.path)
        return ClaimRow(row, at: 1, key: key, answers: row[12], storeID: storeID).attempt
      }
    }
  }

  /// Records the end of a job, and what becomes of the calls that it leaves, in one transaction.
  @discardableResult
  package func endJob(
    _ id: Int64,
    state: JobState,
    detail: JSON,
    cost: Money? = nil,
    remaining: RemainingCalls
  ) async throws(StoreError) -> RemoteJob {
    precondition(state.isFinal, "BUG: a job does not end as '\(state.rawValue)'")
    return try await database.write { db in
      switch remaining {
      case .release(let reason): try self.releaseCalls(of: id, reason, db)
      case .leaveInDoubt(let detail):
        try db.execute(
          sql: """
            UPDATE claims SET job = NULL, owner = NULL, detail = coalesce(?, detail) WHERE job = ?
            """,
          arguments: [detail?.compactText, id]
        )
      }
      return try self.update(id, nil, state, detail, cost, db)
    }
  }

  private func releaseCalls(of job: Int64, _ reason: Release, _ db: Database) throws {
    let sums = try Row.fetchAll(
      db,
      sql: """
        SELECT payer, coalesce(sum(reserved_nanos), 0), count(*) - count(reserved_nanos)
        FROM claims WHERE job = ? GROUP BY payer
        """,
      arguments: [job]
    )
    for row in sums {
      let reserved = Spending(reserved: Money(nanos: row[1]), unpriced: row[2])
      try writer.accounts.charge(row[0], .none - reserved, db)
    }
    try db.execute(
      sql: """
        INSERT INTO attempts (id, model, payer, started_at, ended_at, outcome, reserved_nanos,
          detail)
        SELECT call << 20 | number, model, payer, started_at, ?, ?, reserved_nanos, detail
        FROM claims WHERE job = ?
        """,
      arguments: [WallClock.milliseconds, reason.rawValue, job]
    )
    try db.execute(sql: "DELETE FROM claims WHERE job = ?", arguments: [job])
  }
}
