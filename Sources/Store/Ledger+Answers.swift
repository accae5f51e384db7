import Foundation
import GRDB
package import Primitives

// Reading answers: prepared statements on reader threads, which wait for no writer.

extension Ledger {
  /// The recorded answers among these calls, each checked against its seal.
  ///
  /// The way to go through a million rows is a few hundred keys at a time.
  package func lookup(
    _ keys: [Digest]
  ) async throws(StoreError) -> [Digest: RecordedAnswer] {
    try await database.read { db in
      var answers: [Digest: RecordedAnswer] = [:]
      answers.reserveCapacity(keys.count)
      for key in keys { answers[key] = try self.fetchAnswer(key, db) }
      return answers
    }
  }

  package func answer(for key: Digest) async throws(StoreError) -> RecordedAnswer? {
    try await lookup([key])[key]
  }

  /// Which of these calls have an answer; reads none of them.
  package func recorded(_ keys: [Digest]) async throws(StoreError) -> Set<Digest> {
    try await database.read { db in
      let statement = try db.cachedStatement(
        sql: "SELECT 1 FROM calls WHERE key = ? AND selected IS NOT NULL"
      )
      var found: Set<Digest> = []
      for key in keys where try Int.fetchOne(statement, arguments: [key.blob]) != nil {
        found.insert(key)
      }
      return found
    }
  }

  /// The selected answer of a call.
  ///
  /// - Throws: `.damagedFile` if the row is not what was sealed, or damage of its object.
  func fetchAnswer(_ key: Digest, _ db: Database) throws -> RecordedAnswer? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT a.id, a.outcome, a.served_model, a.prompt_tokens, a.completion_tokens,
          a.cost_micros, a.run, a.ended_at, a.seal, a.answer_object, a.answer
        FROM calls c JOIN attempts a ON a.id = c.selected WHERE c.key = ?
        """
    )
    guard let row = try Row.fetchOne(statement, arguments: [key.blob]) else { return nil }
    return try answer(key, row)
  }

  /// Reads and checks a row of the columns that `fetchAnswer` selects.
  func answer(_ key: Digest, _ row: Row) throws -> RecordedAnswer {
    let tokens = TokenCounts(prompt: row[3], completion: row[4])
    let object = try (row[9] as Data?).map { _ in try row.digest(at: 9, in: database.path) }
    let body = try object.map { try objects.readNow($0) } ?? [UInt8](row[10] as Data? ?? Data())
    let name: String? = row[1]
    guard let outcome = name.flatMap({ Outcome(rawValue: $0) }), let endedAt = row[7] as Int64?,
      try row.digest(at: 8, in: database.path)
        == AnswerSeal.make(
          key: key,
          answer: object ?? Digest(of: body),
          outcome: outcome,
          servedModel: row[2],
          tokens: tokens
        )
    else {
      throw StoreError.damagedFile(
        path: database.path,
        reason: "the answer of call \(key.hex) is not what was sealed"
      )
    }
    return RecordedAnswer(
      key: key,
      attempt: row[0],
      outcome: outcome,
      body: body,
      servedModel: row[2],
      tokens: tokens,
      costMicros: row[5],
      runID: row[6],
      endedAt: endedAt
    )
  }
}
