import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// Records the answer of an attempt; durable when this returns.
  ///
  /// If it throws, nothing is recorded and the claim stands: settle again when there is space, or
  /// leave the attempt in doubt.
  ///
  /// An answer that comes late, after the attempt was left in doubt, given up for lost or skipped, is
  /// taken all the same: it was paid for, and its cost replaces the reservation. The answer of the
  /// latest attempt is the one that counts. Of two answers for one attempt the first is kept, and
  /// returned.
  ///
  /// The body may have any size. Where the cost is nil, unknown, the reservation stands; a call that
  /// was `rejected` costs nothing unless it says otherwise. The detail is whatever else is worth
  /// keeping, for people.
  @discardableResult
  package func settle(
    _ attempt: Attempt,
    _ outcome: Outcome,
    body: [UInt8],
    servedModel: String?,
    tokens: TokenCounts,
    cost: Money? = nil,
    detail: JSON? = nil
  ) async throws(StoreError) -> RecordedAnswer {
    let settlement = Settlement(
      attempt,
      outcome,
      body: body,
      servedModel: servedModel,
      tokens: tokens,
      cost: cost,
      detail: detail
    )
    let sealed = SealedSettlement(settlement, object: try await externalize(answer: body))
    let answer = try await database.write { db in try self.record(sealed, db) }
    flights.end(attempt.key)
    return answer
  }

  /// Records many answers, a thousand in a transaction; all are durable when this returns.
  ///
  /// If it throws, some are recorded and some are not: settle all again, the first answer counts.
  package func settleAll(_ settlements: [Settlement]) async throws(StoreError) {
    var rest = settlements[...]
    while !rest.isEmpty {
      var group: [SealedSettlement] = []
      for settlement in rest.prefix(1000) {
        let object = try await externalize(answer: settlement.body)
        group.append(SealedSettlement(settlement, object: object))
      }
      rest = rest.dropFirst(1000)
      let sealed = group
      try await database.write { db in
        for settlement in sealed { _ = try self.record(settlement, db) }
      }
      for settlement in sealed { flights.end(settlement.settlement.attempt.key) }
    }
  }

  private func record(_ sealed: SealedSettlement, _ db: Database) throws -> RecordedAnswer {
    let attempt = sealed.settlement.attempt
    let before: Spending
    if try writer.deleteClaim(attempt, db) {
      before = Spending(cost: nil, reserved: attempt.terms.reserved)
      try writer.putAnswer(sealed, db)
    } else {
      guard let ended = try Ledger.endedAttempt(attempt, db) else {
        preconditionFailure("BUG: attempt \(attempt.id) is not in the ledger")
      }
      if ended.hasAnswer, let answer = try fetchAnswer(attempt.key, attempt: attempt.id, db) {
        return answer
      }
      before = ended.spending
      try writer.putAnswer(sealed, db)
    }
    let after = Spending(cost: sealed.settlement.cost, reserved: attempt.terms.reserved)
    try writer.accounts.charge(attempt.terms.payer, after - before, db)
    return sealed.answer(run: try writer.accounts.run(attempt.terms.payer, db))
  }

  /// How an attempt ended that has no claim any more; nil if it is not there.
  private static func endedAttempt(
    _ attempt: Attempt,
    _ db: Database
  ) throws -> (outcome: String, hasAnswer: Bool, spending: Spending)? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT outcome, outcome NOT IN \(Outcome.withoutAnswer), reserved_nanos, cost_nanos
        FROM attempts WHERE id = ?
        """
    )
    guard let row = try Row.fetchOne(statement, arguments: [attempt.id]) else { return nil }
    let outcome: String = row[0]
    // What was skipped has a row in `answers`, but no answer of the model's yet.
    let hasAnswer = row[1] as Bool && outcome != Outcome.skipped.rawValue
    guard Release(rawValue: outcome) == nil else { return (outcome, hasAnswer, .none) }
    let spending = Spending(
      cost: (row[3] as Int64?).map { Money(nanos: $0) },
      reserved: (row[2] as Int64?).map { Money(nanos: $0) }
    )
    return (outcome, hasAnswer, spending)
  }

  /// Ends an attempt that provably was not charged; the call is free to be claimed again.
  ///
  /// Its reservation is taken back.
  package func release(
    _ attempt: Attempt,
    _ reason: Release,
    detail: JSON? = nil
  ) async throws(StoreError) {
    defer { flights.end(attempt.key) }
    try await database.write { db in
      let text = detail?.compactText
      if try self.writer.deleteClaim(attempt, db) {
        try self.writer.insertAttempt(attempt, as: reason.rawValue, detail: text, db)
      } else if let ended = try Ledger.endedAttempt(attempt, db), ended.outcome == Outcome.lost {
        try self.writer.endLost(attempt, as: reason.rawValue, detail: text, db)
      } else {
        return
      }
      let reserved = Spending(cost: nil, reserved: attempt.terms.reserved)
      try self.writer.accounts.charge(attempt.terms.payer, .none - reserved, db)
    }
  }

  /// Leaves an attempt in doubt: it was sent, and no answer is known (a timeout, a reset, a 502).
  package func leaveInDoubt(_ attempt: Attempt, detail: JSON?) async throws(StoreError) {
    defer { flights.end(attempt.key) }
    try await database.write { db in
      try db.cachedStatement(
        sql: """
          UPDATE claims SET owner = NULL, job = NULL, detail = ? WHERE call = ? AND number = ?
          """
      ).execute(arguments: [
        detail?.compactText, AttemptID.call(of: attempt.id), attempt.number,
      ])
    }
  }
}
