import Foundation
import GRDB
import Primitives

// What may have been sent and has no answer: listed, and settled by its user's word.

extension Ledger {
  /// The calls in doubt, oldest first: claimed, not settled, and nobody alive answers for them.
  package func inDoubt() async throws(StoreError) -> [InDoubtCall] {
    try await database.read { db in
      let keys = try Row.fetchAll(
        db,
        sql:
          "SELECT c.key, k.call FROM claims k CROSS JOIN calls c ON c.id = k.call ORDER BY k.started_at, k.call"
      )
      return try keys.compactMap { row in
        let key = try row.digest(at: 0, in: self.database.path)
        guard let claim = try Ledger.claimRow(key, call: row[1], db),
          case .nobody = self.holder(of: claim)
        else { return nil }
        return try self.inDoubt(claim, db)
      }
    }
  }

  func inDoubt(_ claim: ClaimRow, _ db: Database) throws -> InDoubtCall {
    let terms = claim.attempt.terms
    let statement = try db.cachedStatement(
      sql: """
        SELECT m.identity, p.run, p.account FROM models m LEFT JOIN payers p ON p.id = ?
        WHERE m.id = ?
        """
    )
    guard let row = try Row.fetchOne(statement, arguments: [terms.payer, terms.model]) else {
      throw StoreError.damagedFile(path: database.path, reason: "a claim names no model")
    }
    return InDoubtCall(
      key: claim.attempt.key,
      model: row[0],
      attempt: claim.attempt,
      startedAt: terms.startedAt,
      runID: row[1],
      account: row[2],
      reserved: terms.reserved,
      detail: claim.detail,
      resends: try Ledger.countLost(AttemptID.call(of: claim.attempt.id), db)
    )
  }

  /// The attempts at a call that were given up since its last answer.
  private static func countLost(_ call: Int64, _ db: Database) throws -> Int {
    let statement = try db.cachedStatement(
      sql: """
        SELECT count(*) FROM attempts WHERE id BETWEEN ?1 AND ?2 AND outcome = 'lost'
          AND id > coalesce((
            SELECT max(id) FROM attempts WHERE id BETWEEN ?1 AND ?2
              AND outcome NOT IN \(Outcome.withoutAnswer)), 0)
        """
    )
    let (first, last) = AttemptID.range(of: call)
    return try Int.fetchOne(statement, arguments: [first, last]) ?? 0
  }

  /// Settles a call in doubt as `skipped`: it is not made again, and its reservation stands.
  ///
  /// - Returns: False if it is not in doubt any more, or another attempt at it is.
  @discardableResult
  package func skip(_ call: InDoubtCall, body: [UInt8]) async throws(StoreError) -> Bool {
    let settlement = Settlement(
      call.attempt,
      .skipped,
      body: body,
      servedModel: nil,
      tokens: TokenCounts()
    )
    let sealed = SealedSettlement(settlement, object: try await externalize(body))
    return try await database.write { db in
      guard let claim = try self.doubtful(call, db) else { return false }
      _ = try self.writer.deleteClaim(claim.attempt, db)
      // Cost and reservation are what they were: the accounts stand as they are.
      try self.writer.putAnswer(sealed, db)
      return true
    }
  }

  /// Gives an attempt in doubt up for lost, so that its call is free to be made again.
  ///
  /// - Returns: False if it is not in doubt any more, or another attempt at it is.
  @discardableResult
  package func allowResend(_ call: InDoubtCall) async throws(StoreError) -> Bool {
    try await database.write { db in
      guard let claim = try self.doubtful(call, db) else { return false }
      try self.giveUp(claim, db)
      return true
    }
  }

  /// The claim behind a call in doubt if it is the same attempt still, and nobody's.
  private func doubtful(_ call: InDoubtCall, _ db: Database) throws -> ClaimRow? {
    let id = AttemptID.call(of: call.attempt.id)
    guard let claim = try Ledger.claimRow(call.key, call: id, db),
      claim.attempt.id == call.attempt.id, case .nobody = holder(of: claim)
    else { return nil }
    return claim
  }
}
