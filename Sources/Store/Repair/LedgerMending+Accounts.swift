import Foundation
import GRDB
import Primitives

extension LedgerMending {
  /// Sums up the accounts anew; what was spent by rows that are gone is kept as a row of its own.
  ///
  /// So a budget that was used up stays used up.
  func sumUp(_ lost: inout LostAnswers) throws {
    let sums = try AccountSums(db)
    for row in try Row.fetchAll(
      db,
      sql: "SELECT name, settled, reserved, unpriced FROM found_accounts ORDER BY name"
    ) {
      let before = Spending(
        settled: Money(nanos: row[1]),
        reserved: Money(nanos: row[2]),
        unpriced: row[3]
      )
      let missing = before - (sums.totals[row[0]] ?? .none)
      if missing.settled > .zero {
        try keep(Spending(settled: missing.settled), for: row[0])
        lost.mayBeMore = true
      }
      if missing.reserved > .zero { try keep(Spending(reserved: missing.reserved), for: row[0]) }
    }
    for (name, total) in try AccountSums(db).totals.sorted(by: { UTF8Order.less($0.key, $1.key) }) {
      try db.execute(
        sql: """
          INSERT INTO accounts (name, settled_nanos, reserved_nanos, unpriced) VALUES (?, ?, ?, ?)
          """,
        arguments: [name, total.settled.nanos, total.reserved.nanos, total.unpriced]
      )
    }
  }

  /// Adds a call that never was, given up for lost, which costs an account what it lacks.
  private func keep(_ spending: Spending, for account: String) throws {
    let run = account.hasPrefix("run:") ? String(account.dropFirst(4)) : nil
    let payer = PayerName(run: run, account: run == nil ? account : nil)
    let name = "money of '\(account)' whose rows were lost, \(Owner.newToken())"
    let request: JSON = ["lost": .string(name)]
    try db.execute(
      sql: "INSERT OR IGNORE INTO models (identity) VALUES ('lost rows')"
    )
    try db.execute(
      sql: """
        INSERT INTO calls (key, model, request)
        VALUES (?, (SELECT id FROM models WHERE identity = 'lost rows'), ?)
        """,
      arguments: [Digest(of: name).blob, Data(request.canonical)]
    )
    let call = db.lastInsertedRowID
    var book = AccountBook()
    let payerID = try book.payer(payer, db)
    try db.execute(
      sql: """
        INSERT INTO attempts (id, model, payer, started_at, ended_at, outcome, reserved_nanos,
          cost_nanos)
        VALUES (?, (SELECT id FROM models WHERE identity = 'lost rows'), ?, 0, 0, 'lost', ?, ?)
        """,
      arguments: [
        AttemptID.make(call: call, number: 1), payerID, spending.reserved.nanos,
        spending.settled == .zero ? nil : spending.settled.nanos,
      ]
    )
    // The book made the account's row; the sums are written below.
    try db.execute(sql: "DELETE FROM accounts")
  }
}

/// What the rows of a ledger come to, account by account.
struct AccountSums {
  let totals: [String: Spending]

  init(_ db: Database) throws {
    totals = Dictionary(
      uniqueKeysWithValues: try Row.fetchAll(db, sql: Self.sql).map { row in
        (
          row[0],
          Spending(
            settled: Money(nanos: row[1]),
            reserved: Money(nanos: row[2]),
            unpriced: row[3]
          )
        )
      }
    )
  }

  private static let sql = """
    WITH items (payer, cost, reserved) AS (
      SELECT payer, cost_nanos, reserved_nanos FROM attempts
        WHERE outcome NOT IN ('not-sent', 'declined')
      UNION ALL SELECT payer, NULL, reserved_nanos FROM claims
      UNION ALL SELECT payer, cost_nanos, reserved_nanos FROM jobs
    ), named (name, cost, reserved) AS (
      SELECT 'run:' || p.run, i.cost, i.reserved FROM items i JOIN payers p ON p.id = i.payer
        WHERE p.run IS NOT NULL
      UNION ALL SELECT p.account, i.cost, i.reserved FROM items i JOIN payers p ON p.id = i.payer
        WHERE p.account IS NOT NULL
    )
    SELECT name, coalesce(sum(cost), 0), coalesce(sum(reserved) FILTER (WHERE cost IS NULL), 0),
      count(*) FILTER (WHERE cost IS NULL AND reserved IS NULL)
    FROM named GROUP BY name
    """
}
