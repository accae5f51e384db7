import Foundation
import GRDB
import Primitives

extension Ledger {
  struct CheckedPage: Sendable {
    var count = 0
    /// Id of the last attempt looked at; nil if there was none.
    var last: Int64?
    var problems: [VerifyProblem] = []
  }

  /// Checks the answers of up to `limit` attempts behind one, and the objects that they name.
  func checkAnswers(after: Int64, limit: Int) async throws(StoreError) -> CheckedPage {
    try await database.read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT \(Ledger.answerColumns), c.key, c.request_object,
            a.outcome NOT IN \(Outcome.withoutAnswer)
          FROM attempts a JOIN calls c ON c.id = a.id >> 20 LEFT JOIN answers b ON b.id = a.id
            LEFT JOIN payers p ON p.id = a.payer
          WHERE a.id > ? ORDER BY a.id LIMIT ?
          """
      )
      var page = CheckedPage()
      let rows = try Row.fetchCursor(statement, arguments: [after, limit])
      while let row = try rows.next() {
        page.last = row[0]
        try self.check(row, &page)
      }
      return page
    }
  }

  private func check(_ row: Row, _ page: inout CheckedPage) throws {
    let key = try row.digest(at: 11, in: database.path)
    if row[12] as Data? != nil {
      let request = try row.digest(at: 12, in: database.path)
      if objects.find(request) == nil {
        page.problems.append(missing("request", request, of: key))
      }
    }
    guard row[13] as Bool else { return }
    page.count += 1
    guard row[8] as Data? != nil else {
      page.problems.append(damaged(row, "call \(key.hex) has an outcome, but no answer"))
      return
    }
    do {
      _ = try answer(key, row)
    } catch StoreError.missingObject(let digest, _) {
      page.problems.append(missing("answer", digest, of: key))
    } catch StoreError.damagedObject {
      // Reported with the objects.
    } catch StoreError.damagedFile(_, let reason) {
      page.problems.append(damaged(row, reason))
    }
  }

  private func damaged(_ row: Row, _ reason: String) -> VerifyProblem {
    VerifyProblem(
      kind: .damagedAnswer,
      what: "attempt \(row[0] as Int64): \(reason)",
      hint: "restore '\(database.path)' from a backup, or ask again with --fresh"
    )
  }

  private func missing(_ part: String, _ digest: Digest, of key: Digest) -> VerifyProblem {
    VerifyProblem(
      kind: .missingAnswer,
      what: "the \(part) of call \(key.hex): object \(digest.hex) is missing",
      hint: "restore it from a backup, or ask again with --fresh"
    )
  }
}
