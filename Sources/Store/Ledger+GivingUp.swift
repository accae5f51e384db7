import GRDB
import Primitives

extension Ledger {
  /// Takes answers away at their user's word: their attempts end as lost, their calls are free again.
  ///
  /// What they had cost stays counted.
  func giveUpAnswers(_ ids: [Int64]) async throws(StoreError) {
    try await database.write { db in
      for id in ids {
        try db.cachedStatement(
          sql: """
            UPDATE attempts SET outcome = 'lost',
              detail = json_object('message', 'its answer was given up', 'outcome', outcome)
            WHERE id = ?
            """
        ).execute(arguments: [id])
        try db.cachedStatement(sql: "DELETE FROM answers WHERE id = ?").execute(arguments: [id])
      }
    }
  }
}
