import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// Records the answer of an attempt; durable when this returns.
  ///
  /// If it throws, nothing is recorded and the claim stands: settle again when there is space, or
  /// leave the attempt in doubt.
  ///
  /// An answer that comes late, after the attempt was left in doubt or given up for lost, is taken
  /// all the same: it was paid for. The answer of the latest attempt is the one selected.
  ///
  /// The body may have any size. The cost is in millionths of a US dollar, nil if unknown. The
  /// detail is whatever else is worth keeping, for people.
  @discardableResult
  package func settle(
    _ attempt: Attempt,
    _ outcome: Outcome,
    body: [UInt8],
    servedModel: String?,
    tokens: TokenCounts,
    costMicros: Int64? = nil,
    detail: JSON? = nil
  ) async throws(StoreError) -> RecordedAnswer {
    let object = try await externalize(body)
    let seal = AnswerSeal.make(
      key: attempt.key,
      answer: object ?? Digest(of: body),
      outcome: outcome,
      servedModel: servedModel,
      tokens: tokens
    )
    let endedAt = WallClock.milliseconds
    let runID: String? = try await database.write { db in
      try db.cachedStatement(
        sql: """
          UPDATE attempts SET ended_at = ?, outcome = ?, served_model = ?, prompt_tokens = ?,
            completion_tokens = ?, cost_micros = ?, detail = ?, seal = ?, answer_object = ?,
            answer = ?
          WHERE id = ?
          """
      ).execute(arguments: [
        endedAt, outcome.rawValue, servedModel, tokens.prompt, tokens.completion, costMicros,
        detail?.compactText, seal.blob, object?.blob, object == nil ? Data(body) : nil, attempt.id,
      ])
      return try Ledger.select(attempt, db)
    }
    flights.end(attempt.key)
    return RecordedAnswer(
      key: attempt.key,
      attempt: attempt.id,
      outcome: outcome,
      body: body,
      servedModel: servedModel,
      tokens: tokens,
      costMicros: costMicros,
      runID: runID,
      endedAt: endedAt
    )
  }

  /// Makes a settled attempt the answer of its call unless a later one is; gives its run.
  private static func select(_ attempt: Attempt, _ db: Database) throws -> String? {
    let statement = try db.cachedStatement(sql: "SELECT call, run FROM attempts WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [attempt.id]) else {
      preconditionFailure("BUG: attempt \(attempt.id) is not in the ledger")
    }
    let call: Int64 = row[0]
    // Ids rise with the attempts of a call.
    try db.cachedStatement(
      sql: "UPDATE calls SET selected = max(coalesce(selected, 0), ?) WHERE id = ?"
    ).execute(arguments: [attempt.id, call])
    try removeClaim(attempt.id, call, db)
    return row[1]
  }

  private static func removeClaim(_ attempt: Int64, _ call: Int64, _ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM claims WHERE call = ? AND attempt = ?")
      .execute(arguments: [call, attempt])
  }

  /// Ends an attempt that provably was not charged; the call is free to be claimed again.
  package func release(
    _ attempt: Attempt,
    _ reason: Release,
    detail: JSON? = nil
  ) async throws(StoreError) {
    defer { flights.end(attempt.key) }
    try await database.write { db in
      try Ledger.end(attempt.id, as: reason.rawValue, detail: detail, db)
      let statement = try db.cachedStatement(sql: "SELECT call FROM attempts WHERE id = ?")
      guard let call = try Int64.fetchOne(statement, arguments: [attempt.id]) else { return }
      try Ledger.removeClaim(attempt.id, call, db)
    }
  }

  /// Leaves an attempt in doubt: it was sent, and no answer is known (a timeout, a reset, a 502).
  package func leaveInDoubt(_ attempt: Attempt, detail: JSON?) async throws(StoreError) {
    defer { flights.end(attempt.key) }
    try await database.write { db in
      try db.cachedStatement(sql: "UPDATE attempts SET detail = ? WHERE id = ?")
        .execute(arguments: [detail?.compactText, attempt.id])
      try db.cachedStatement(sql: "UPDATE claims SET owner = NULL WHERE attempt = ?")
        .execute(arguments: [attempt.id])
    }
  }
}
