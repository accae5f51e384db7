import GRDB
package import Primitives

extension Ledger {
  /// What the recorded answers among these calls had cost; reads none of them.
  ///
  /// With runs, an answer counts only if one of them made it.
  ///
  /// - Returns: An entry for each call that has an answer; its value is nil where the cost is not
  ///   known.
  package func costs(
    _ keys: [Digest],
    madeBy runs: [String]? = nil
  ) async throws(StoreError) -> [Digest: Money?] {
    let runs = runs.map { JSON.array($0.map { .string($0) }).compactText }
    return try await database.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT a.cost_nanos FROM calls c
          JOIN attempts a ON a.id BETWEEN c.id << 20 AND c.id << 20 | 1048575
          LEFT JOIN payers p ON p.id = a.payer
          WHERE c.key = ? AND a.outcome NOT IN \(Outcome.withoutAnswer)
          AND (? IS NULL OR p.run IN (SELECT value FROM json_each(?))) ORDER BY a.id DESC LIMIT 1
          """
      )
      var costs: [Digest: Money?] = [:]
      costs.reserveCapacity(keys.count)
      for key in keys {
        guard let row = try Row.fetchOne(statement, arguments: [key.blob, runs, runs]) else {
          continue
        }
        costs[key] = .some((row[0] as Int64?).map { Money(nanos: $0) })
      }
      return costs
    }
  }
}
