import Foundation
import GRDB
package import Primitives

extension Ledger {
  /// Every attempt at a call, first to last, without the answers.
  package func attempts(of key: Digest) async throws(StoreError) -> [AttemptRecord] {
    try await database.read { db in
      guard let call = try Ledger.callID(key, db) else { return [] }
      return try self.attempts(key, call, withBodies: false, db)
    }
  }

  /// The canonical JSON of a call's request; nil if the call is unknown.
  package func request(of key: Digest) async throws(StoreError) -> [UInt8]? {
    try await database.read { db in try self.request(key, db) }
  }

  /// Everything about the one call whose key begins with these hexadecimal digits.
  ///
  /// - Throws: `.noSuchCall`, `.ambiguousCall`, or damage of an answer.
  package func callDetail(_ keyPrefix: String) async throws(StoreError) -> CallDetail {
    let found = try await calls(CallFilter(keyPrefix: keyPrefix), limit: 5)
    guard let summary = found.first else { throw .noSuchCall(keyPrefix) }
    guard found.count == 1 else {
      throw .ambiguousCall(keyPrefix, candidates: found.map { $0.key.hex })
    }
    return try await database.read { db in
      guard let call = try Ledger.callID(summary.key, db),
        let request = try self.request(summary.key, db)
      else { throw StoreError.noSuchCall(keyPrefix) }
      return CallDetail(
        summary: summary,
        request: request,
        attempts: try self.attempts(summary.key, call, withBodies: true, db)
      )
    }
  }

  private func request(_ key: Digest, _ db: Database) throws -> [UInt8]? {
    let statement = try db.cachedStatement(
      sql: "SELECT request_object, request FROM calls WHERE key = ?"
    )
    guard let row = try Row.fetchOne(statement, arguments: [key.blob]) else { return nil }
    guard row[0] as Data? != nil else { return [UInt8](row[1] as Data? ?? Data()) }
    return try objects.readNow(try row.digest(at: 0, in: database.path))
  }

  private func attempts(
    _ key: Digest,
    _ call: Int64,
    withBodies: Bool,
    _ db: Database
  ) throws -> [AttemptRecord] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT a.id, p.run, a.started_at, a.ended_at, a.outcome, a.served_model, a.prompt_tokens,
          a.completion_tokens, a.reserved_nanos, a.cost_nanos, a.detail
        FROM attempts a LEFT JOIN payers p ON p.id = a.payer WHERE a.id BETWEEN ?1 << 20 AND ?1 << 20 | 1048575
        UNION ALL
        SELECT k.call << 20 | k.number, p.run, k.started_at, NULL, NULL, NULL, NULL, NULL,
          k.reserved_nanos, NULL, k.detail
        FROM claims k LEFT JOIN payers p ON p.id = k.payer WHERE k.call = ?1
        ORDER BY 1
        """
    )
    return try Row.fetchAll(statement, arguments: [call]).map { row in
      AttemptRecord(
        id: row[0],
        number: AttemptID.number(of: row[0]),
        runID: row[1],
        startedAt: row[2],
        endedAt: row[3],
        outcome: row[4],
        servedModel: row[5],
        tokens: TokenCounts(prompt: row[6], completion: row[7]),
        reserved: (row[8] as Int64?).map { Money(nanos: $0) },
        cost: (row[9] as Int64?).map { Money(nanos: $0) },
        detail: row[10],
        body: withBodies ? try fetchAnswer(key, attempt: row[0], db)?.body : nil
      )
    }
  }

  /// What the attempts of a run, or of all runs, come to by state and model.
  package func callSums(runID: String? = nil) async throws(StoreError) -> [CallSum] {
    try await database.read { db in
      let ended = try Row.fetchAll(db, sql: Ledger.endedSums, arguments: [runID])
      let claimed = try Row.fetchAll(db, sql: Ledger.claimedSums, arguments: [runID])
      var sums: [String: CallSum] = [:]
      for row in claimed {
        let state =
          self.isHeld(row[0] as String?) ? "open" : row[8] as Bool ? "in-batch" : "in-doubt"
        let sum = CallSum(row, state: state)
        let name = "\(state) \(sum.model)"
        sums[name] = sums[name].map { $0 + sum } ?? sum
      }
      return sums.sorted { $0.key < $1.key }.map(\.value)
        + ended.map { CallSum($0, state: $0[0]) }
    }
  }

  private static let endedSums = """
    SELECT a.outcome, m.identity, count(*), sum(a.prompt_tokens), sum(a.completion_tokens),
      sum(a.cost_nanos), sum(a.reserved_nanos) FILTER (WHERE a.cost_nanos IS NULL),
      count(*) FILTER (WHERE a.cost_nanos IS NULL AND a.reserved_nanos IS NULL)
    FROM attempts a JOIN models m ON m.id = a.model
    WHERE ?1 IS NULL OR a.payer IN (SELECT id FROM payers WHERE run = ?1)
    GROUP BY a.outcome, a.model ORDER BY a.outcome, m.identity
    """

  private static let claimedSums = """
    SELECT k.owner, m.identity, count(*), NULL, NULL, NULL, sum(k.reserved_nanos),
      count(*) - count(k.reserved_nanos), coalesce(j.state IN \(JobState.open), 0)
    FROM claims k JOIN models m ON m.id = k.model LEFT JOIN jobs j ON j.id = k.job
    WHERE ?1 IS NULL OR k.payer IN (SELECT id FROM payers WHERE run = ?1)
    GROUP BY k.owner, k.model, 9
    """
}

extension CallSum {
  /// Reads the columns of a sum, from the model's on.
  fileprivate init(_ row: Row, state: String) {
    let isCharged = Release(rawValue: state) == nil
    self.init(
      state: state,
      model: row[1],
      attempts: row[2],
      tokens: TokenCounts(prompt: row[3], completion: row[4]),
      cost: Money(nanos: row[5] ?? 0),
      reserved: isCharged ? Money(nanos: row[6] ?? 0) : .zero,
      unpriced: isCharged ? row[7] : 0
    )
  }

  fileprivate static func + (left: CallSum, right: CallSum) -> CallSum {
    CallSum(
      state: left.state,
      model: left.model,
      attempts: left.attempts + right.attempts,
      tokens: left.tokens,
      cost: left.cost + right.cost,
      reserved: left.reserved + right.reserved,
      unpriced: left.unpriced + right.unpriced
    )
  }
}
