import Foundation
import GRDB
import Primitives

extension StoreAudit {
  mutating func auditLedger() throws(StoreError) {
    let audit = LedgerAudit(path: layout.ledger, objects: objects)
    let before = report
    report = try DatabaseConnection.reading(layout.ledger) { db in
      var report = before
      try audit.run(db, &report)
      return report
    }
  }
}

/// Checks the rows of a ledger that SQLite finds in order.
struct LedgerAudit {
  let path: String
  let objects: ObjectStore

  func run(_ db: Database, _ report: inout VerifyReport) throws {
    try checkAttempts(db, &report)
    try checkRequests(db, &report)
    for (sql, what) in Self.contradictions {
      for id in try String.fetchAll(db, sql: sql) {
        report.add(.damagedRow, at: path, what.replacing("%", with: id))
      }
    }
    try checkJobs(db, &report)
    try checkAccounts(db, &report)
  }

  // MARK: Answers

  /// Goes through all attempts with an answer, the latest ones and the others.
  private func checkAttempts(_ db: Database, _ report: inout VerifyReport) throws {
    let reader = AnswerReader(objects: objects, path: path)
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT \(Ledger.answerColumns), c.key, a.outcome NOT IN \(Outcome.withoutAnswer)
        FROM attempts a LEFT JOIN calls c ON c.id = a.id >> 20 LEFT JOIN answers b ON b.id = a.id
          LEFT JOIN payers p ON p.id = a.payer
        ORDER BY a.id
        """
    )
    while let row = try rows.next() {
      let id: Int64 = row[0]
      let name = "attempt \(AttemptID.number(of: id)) of call \(AttemptID.call(of: id))"
      let expectsAnswer: Bool = row[12]
      if expectsAnswer { report.answers += 1 }
      guard row[11] as Data? != nil else {
        report.add(.damagedRow, at: path, "\(name): no such call")
        continue
      }
      let key = try row.digest(at: 11, in: path)
      let outcome: String = row[1]
      if expectsAnswer, Outcome(rawValue: outcome) == nil {
        report.add(.damagedRow, at: path, "\(name): its outcome '\(outcome)' is unknown")
      } else if expectsAnswer, let damage = try reader.damage(row, key: key) {
        report.lost.add(cost: (row[5] as Int64?).map { Money(nanos: $0) })
        note(damage, name, key, &report)
      } else if !expectsAnswer, row[8] as Data? != nil {
        report.add(.damagedRow, at: path, "\(name) has an answer, and ended as '\(outcome)'")
      }
    }
  }

  private func note(
    _ damage: AnswerReader.Damage,
    _ name: String,
    _ key: Digest,
    _ report: inout VerifyReport
  ) {
    switch damage {
    case .absent:
      report.add(.damagedAnswer, at: path, "\(name), \(key.hex), has an outcome, but no answer")
    case .missingObject(let digest):
      report.add(
        .missingAnswer,
        at: objects.path(of: digest),
        "the answer of call \(key.hex): object \(digest.hex) is missing"
      )
    // Told of with the objects.
    case .damagedObject: break
    case .broken(let reason): report.add(.damagedAnswer, at: path, "\(name): \(reason)")
    }
  }

  private func checkRequests(_ db: Database, _ report: inout VerifyReport) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: "SELECT id, length(key), key, request_object FROM calls "
        + "WHERE length(key) <> 32 OR request_object IS NOT NULL ORDER BY id"
    )
    while let row = try rows.next() {
      guard row[1] == 32 else {
        report.add(.damagedRow, at: path, "the key of call \(row[0] as Int64) has not 32 bytes")
        continue
      }
      guard let blob = row[3] as Data? else { continue }
      let key = try row.digest(at: 2, in: path)
      guard let digest = Digest(blob: blob) else {
        report.add(.damagedRow, at: path, "the request of call \(key.hex) names no object")
        continue
      }
      guard objects.find(digest) == nil else { continue }
      report.add(
        .missingAnswer,
        at: objects.path(of: digest),
        "the request of call \(key.hex): object \(digest.hex) is missing"
      )
    }
  }

  // MARK: Contradictions

  /// Questions whose answers should be none; `%` stands for what each row gives.
  private static let contradictions: [(sql: String, what: String)] = [
    (
      "SELECT id FROM answers WHERE id NOT IN (SELECT id FROM attempts)",
      "answer % belongs to no attempt"
    ),
    (
      """
      SELECT c.id FROM calls c WHERE c.id NOT IN (SELECT call FROM claims) AND NOT EXISTS (
        SELECT 1 FROM attempts a WHERE a.id BETWEEN c.id << 20 AND c.id << 20 | 1048575)
      """,
      "call % has neither an attempt nor a claim"
    ),
    (
      "SELECT call FROM claims WHERE call NOT IN (SELECT id FROM calls)",
      "call % is claimed, and is not there"
    ),
    (
      "SELECT call FROM claims WHERE call << 20 | number IN (SELECT id FROM attempts)",
      "call %: one attempt is claimed and has ended"
    ),
    (
      """
      SELECT DISTINCT model FROM (SELECT model FROM calls UNION SELECT model FROM attempts
        UNION SELECT model FROM claims) WHERE model NOT IN (SELECT id FROM models)
      """,
      "model % is named, and is not there"
    ),
    (
      """
      SELECT DISTINCT payer FROM (SELECT payer FROM attempts UNION SELECT payer FROM claims
        UNION SELECT payer FROM jobs)
      WHERE payer IS NOT NULL AND payer NOT IN (SELECT id FROM payers)
      """,
      "payer % is named, and is not there"
    ),
    (
      """
      SELECT count(*) FROM meta WHERE name = 'store' AND length(value) = 32
      HAVING count(*) <> 1
      """,
      "it has lost the store's id"
    ),
  ]

  private func checkJobs(_ db: Database, _ report: inout VerifyReport) throws {
    for row in try Row.fetchAll(db, sql: "SELECT id, kind, state, detail, key FROM jobs") {
      let isWhole =
        JobKind(rawValue: row[1]) != nil && JobState(rawValue: row[2]) != nil
        && (try? JSON(parsing: row[3] as String)) != nil && Digest(blob: row[4]) != nil
      guard !isWhole else { continue }
      report.add(.damagedRow, at: path, "job \(row[0] as Int64) does not read")
    }
  }

  private func checkAccounts(_ db: Database, _ report: inout VerifyReport) throws {
    let sums = try AccountSums(db).totals
    var written: [String: Spending] = [:]
    for row in try Row.fetchAll(
      db,
      sql: "SELECT settled_nanos, reserved_nanos, unpriced, name FROM accounts"
    ) {
      written[row[3]] = Spending(row)
    }
    for name in Set(sums.keys).union(written.keys).sorted(by: UTF8Order.less) {
      let (sum, total) = (sums[name] ?? .none, written[name] ?? .none)
      guard sum != total else { continue }
      report.add(
        .wrongAccount,
        at: path,
        """
        account '\(name)' says \(total.settled) settled and \(total.reserved) reserved; its rows \
        come to \(sum.settled) and \(sum.reserved)
        """
      )
    }
  }
}
