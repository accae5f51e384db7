import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// The calls in doubt, oldest first: claimed, not settled, and nobody alive answers for them.
  package func inDoubt() async throws(StoreError) -> [InDoubtCall] {
    try await database.read { db in
      let rows = try Row.fetchAll(db, sql: Ledger.claimColumns + " ORDER BY a.id")
      return try rows.filter { !self.isHeld($0[7] as String?) }
        .map { try Ledger.inDoubt($0, self.database.path) }
    }
  }

  static func fetchInDoubt(
    _ key: Digest,
    _ db: Database,
    _ path: String
  ) throws -> InDoubtCall? {
    let statement = try db.cachedStatement(sql: claimColumns + " WHERE c.key = ?")
    return try Row.fetchOne(statement, arguments: [key.blob]).map { try inDoubt($0, path) }
  }

  private static let claimColumns = """
    SELECT c.key, m.identity, a.id, a.number, a.started_at, a.run, a.detail, k.owner,
      (SELECT count(*) FROM attempts l WHERE l.call = c.id AND l.outcome = 'lost')
    FROM claims k JOIN calls c ON c.id = k.call JOIN attempts a ON a.id = k.attempt
      JOIN models m ON m.id = c.model
    """

  private static func inDoubt(_ row: Row, _ path: String) throws -> InDoubtCall {
    let key = try row.digest(at: 0, in: path)
    return InDoubtCall(
      key: key,
      model: row[1],
      attempt: Attempt(key: key, id: row[2], number: row[3]),
      startedAt: row[4],
      runID: row[5],
      detail: row[6],
      resends: row[8]
    )
  }

  /// Every attempt at a call, first to last.
  package func attempts(of key: Digest) async throws(StoreError) -> [AttemptRecord] {
    try await database.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT a.id, a.number, a.run, a.started_at, a.ended_at, a.outcome, a.served_model,
            a.prompt_tokens, a.completion_tokens, a.cost_micros, a.detail
          FROM calls c JOIN attempts a ON a.call = c.id WHERE c.key = ? ORDER BY a.number
          """
      )
      return try Row.fetchAll(statement, arguments: [key.blob]).map { row in
        AttemptRecord(
          id: row[0],
          number: row[1],
          runID: row[2],
          startedAt: row[3],
          endedAt: row[4],
          outcome: row[5],
          servedModel: row[6],
          tokens: TokenCounts(prompt: row[7], completion: row[8]),
          costMicros: row[9],
          detail: row[10]
        )
      }
    }
  }

  /// The canonical JSON of a call's request; nil if the call is unknown.
  package func request(of key: Digest) async throws(StoreError) -> [UInt8]? {
    try await database.read { db in
      let statement = try db.cachedStatement(
        sql: "SELECT request_object, request FROM calls WHERE key = ?"
      )
      guard let row = try Row.fetchOne(statement, arguments: [key.blob]) else { return nil }
      guard row[0] as Data? != nil else { return [UInt8](row[1] as Data? ?? Data()) }
      return try self.objects.readNow(try row.digest(at: 0, in: self.database.path))
    }
  }

  /// Calls in the order they were first claimed, from behind the one with the id `after`.
  package func calls(limit: Int, after: Int64?) async throws(StoreError) -> [CallSummary] {
    try await database.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT c.id, c.key, m.identity, a.outcome,
            (SELECT count(*) FROM attempts n WHERE n.call = c.id)
          FROM calls c JOIN models m ON m.id = c.model LEFT JOIN attempts a ON a.id = c.selected
          WHERE c.id > ? ORDER BY c.id LIMIT ?
          """
      )
      return try Row.fetchAll(statement, arguments: [after ?? 0, limit]).map { row in
        CallSummary(
          id: row[0],
          key: try row.digest(at: 1, in: self.database.path),
          model: row[2],
          attempts: row[4],
          outcome: (row[3] as String?).flatMap { Outcome(rawValue: $0) }
        )
      }
    }
  }
}
