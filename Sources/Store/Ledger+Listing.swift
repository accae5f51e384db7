import Foundation
import GRDB
import Primitives

// Lists of calls: from snapshots, on reader threads, which wait for nobody.

extension Ledger {
  /// Calls that fit a filter, from behind a position: those in doubt first, then those under way,
  /// then the others; each kind in the order in which the calls were first asked for.
  package func calls(
    _ filter: CallFilter = CallFilter(),
    after: CallPosition? = nil,
    limit: Int
  ) async throws(StoreError) -> [CallSummary] {
    try await database.read { db in
      guard let keys = KeyRange(prefix: filter.keyPrefix) else { return [] }
      let query = CallQuery(filter: filter, keys: keys, limit: limit)
      let claimed = try self.claimedCalls(query, db)
      let from = after ?? CallPosition(section: .inDoubt, id: 0)
      let page = claimed.filter { $0.position.isBehind(from) }.prefix(limit)
      guard page.count < limit else { return Array(page) }
      let last = from.section == .ended ? from.id : 0
      return try page + self.endedCalls(query, after: last, limit: limit - page.count, db)
    }
  }

  // MARK: Claimed

  /// The calls in doubt and those under way, in the order of the list.
  ///
  /// There are as many as are in flight or in batches, so they are all looked at.
  private func claimedCalls(_ query: CallQuery, _ db: Database) throws -> [CallSummary] {
    var aliveness: [String: Bool] = [:]
    let rows = try Row.fetchCursor(db, sql: Ledger.claimedSQL, arguments: query.claimedArguments)
    var calls: [CallSummary] = []
    while let row = try rows.next() {
      let state = claimedState(row, &aliveness)
      guard query.filter.states?.contains(state) ?? true else { continue }
      calls.append(try claimedCall(row, state))
    }
    return calls.filter { $0.state == .inDoubt } + calls.filter { $0.state != .inDoubt }
  }

  private static let claimedSQL = """
    SELECT c.key, m.identity, k.call << 20 | k.number, p.run, p.account, k.reserved_nanos,
      k.started_at, k.owner, j.state,
      1 + (SELECT count(*) FROM attempts n
        WHERE n.id BETWEEN k.call << 20 AND k.call << 20 | 1048575)
    FROM claims k CROSS JOIN calls c ON c.id = k.call CROSS JOIN models m ON m.id = k.model
      LEFT JOIN payers p ON p.id = k.payer LEFT JOIN jobs j ON j.id = k.job
    WHERE c.key BETWEEN :first AND :last AND (:run IS NULL OR p.run = :run)
      AND (:model IS NULL OR m.identity = :model)
    ORDER BY k.call
    """

  private func claimedState(_ row: Row, _ aliveness: inout [String: Bool]) -> CallState {
    if let state = (row[8] as String?).flatMap({ JobState(rawValue: $0) }), !state.isFinal {
      return .inBatch
    }
    guard let owner = row[7] as String? else { return .inDoubt }
    let alive = aliveness[owner] ?? isHeld(owner)
    aliveness[owner] = alive
    return alive ? .open : .inDoubt
  }

  private func claimedCall(_ row: Row, _ state: CallState) throws -> CallSummary {
    CallSummary(
      position: CallPosition(section: state == .inDoubt ? .inDoubt : .underWay, id: row[2]),
      key: try row.digest(at: 0, in: database.path),
      model: row[1],
      state: state,
      runID: row[3],
      account: row[4],
      attempts: row[9],
      cost: nil,
      reserved: (row[5] as Int64?).map { Money(nanos: $0) },
      tokens: TokenCounts(),
      servedModel: nil,
      startedAt: row[6],
      endedAt: nil
    )
  }

  // MARK: Ended

  private func endedCalls(
    _ query: CallQuery,
    after: Int64,
    limit: Int,
    _ db: Database
  ) throws -> [CallSummary] {
    guard let outcomes = query.outcomes else { return [] }
    let sql = query.endedSQL(outcomes: outcomes)
    let arguments = query.endedArguments(after: after, limit: limit)
    return try Row.fetchAll(db, sql: sql, arguments: arguments).map { try endedCall($0) }
  }

  private func endedCall(_ row: Row) throws -> CallSummary {
    let outcome: String = row[3]
    return CallSummary(
      position: CallPosition(section: .ended, id: row[2]),
      key: try row.digest(at: 0, in: database.path),
      model: row[1],
      state: Outcome(rawValue: outcome).map { .recorded($0) } ?? .free,
      runID: row[4],
      account: row[5],
      attempts: row[6],
      cost: (row[7] as Int64?).map { Money(nanos: $0) },
      reserved: (row[8] as Int64?).map { Money(nanos: $0) },
      tokens: TokenCounts(prompt: row[9], completion: row[10]),
      servedModel: row[11],
      startedAt: row[12],
      endedAt: row[13]
    )
  }
}

extension CallPosition {
  fileprivate func isBehind(_ other: CallPosition) -> Bool {
    section.rawValue > other.section.rawValue
      || (section == other.section && id > other.id)
  }
}
