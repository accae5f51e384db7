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
      for key in keys {
        guard let call = try Ledger.callID(key, db) else { continue }
        answers[key] = try self.fetchAnswer(key, call: call, db)
      }
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
        sql: """
          SELECT 1 FROM calls c JOIN attempts a ON a.id BETWEEN c.id << 20 AND c.id << 20 | 1048575
          WHERE c.key = ? AND a.outcome NOT IN \(Outcome.withoutAnswer) LIMIT 1
          """
      )
      var found: Set<Digest> = []
      for key in keys where try Int.fetchOne(statement, arguments: [key.blob]) != nil {
        found.insert(key)
      }
      return found
    }
  }

  /// The answer of a call that counts: its latest.
  ///
  /// - Throws: `.damagedFile` if the row is gone or not what was sealed, or damage of its object.
  func fetchAnswer(_ key: Digest, call: Int64, _ db: Database) throws -> RecordedAnswer? {
    let (first, last) = AttemptID.range(of: call)
    return try fetchAnswer(key, from: first, to: last, db)
  }

  /// The answer of one attempt.
  func fetchAnswer(_ key: Digest, attempt: Int64, _ db: Database) throws -> RecordedAnswer? {
    try fetchAnswer(key, from: attempt, to: attempt, db)
  }

  private func fetchAnswer(
    _ key: Digest,
    from first: Int64,
    to last: Int64,
    _ db: Database
  ) throws -> RecordedAnswer? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT \(Ledger.answerColumns)
        FROM attempts a LEFT JOIN answers b ON b.id = a.id LEFT JOIN payers p ON p.id = a.payer
        WHERE a.id BETWEEN ? AND ? AND a.outcome NOT IN \(Outcome.withoutAnswer)
        ORDER BY a.id DESC LIMIT 1
        """
    )
    guard let row = try Row.fetchOne(statement, arguments: [first, last]) else { return nil }
    return try answer(key, row)
  }

  /// The columns that `answer` reads, of attempts `a`, answers `b` and left-joined payers `p`.
  static let answerColumns = """
    a.id, a.outcome, a.served_model, a.prompt_tokens, a.completion_tokens, a.cost_nanos, p.run,
    a.ended_at, b.seal, b.object, b.body
    """

  /// Reads and checks a row of `answerColumns`.
  func answer(_ key: Digest, _ row: Row) throws -> RecordedAnswer {
    try AnswerReader(objects: objects, path: database.path).answer(key, row)
  }

  /// What an account has committed so far; nothing if nobody knows it.
  ///
  /// `Budget.run(id)` is the account of a run.
  package func spending(account: String) async throws(StoreError) -> Spending {
    try await database.read { db in
      let statement = try db.cachedStatement(
        sql: "SELECT settled_nanos, reserved_nanos, unpriced FROM accounts WHERE name = ?"
      )
      return try Row.fetchOne(statement, arguments: [account]).map { Spending($0) } ?? .none
    }
  }
}

extension Spending {
  /// Reads the columns `settled_nanos, reserved_nanos, unpriced`.
  init(_ row: Row) {
    self.init(
      settled: Money(nanos: row[0]),
      reserved: Money(nanos: row[1]),
      unpriced: row[2]
    )
  }
}
