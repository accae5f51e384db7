import GRDB
import Primitives

/// On whose behalf something is paid for: a run, and an account that several runs share.
struct PayerName: Hashable, Sendable {
  let run: String?
  let account: String?

  var isNobody: Bool { run == nil && account == nil }

  /// The accounts that are charged: the run's own, and the shared one.
  var accounts: [String] { [run.map { Budget.run($0) }, account].compactMap { $0 } }
}

/// What accounts have committed, kept up to date within a transaction and written at its end.
///
/// A group of a hundred calls changes the row of an account once. Used on the writer's thread alone.
struct AccountBook {
  struct Payer {
    let id: Int64
    let run: String?
    /// Rows of `accounts`.
    let accounts: [Int64]
  }

  private struct Balance {
    var total: Spending
    var isChanged = false
  }

  /// Rows of these two tables are never changed or removed, so they may be remembered.
  private var payers: [PayerName: Payer] = [:]
  private var payersByID: [Int64: Payer] = [:]
  private var accountIDs: [String: Int64] = [:]
  private var balances: [Int64: Balance] = [:]

  /// Another process may have written since the last transaction.
  mutating func begin() { balances.removeAll(keepingCapacity: true) }

  mutating func forget() { self = AccountBook() }

  mutating func finish(_ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE accounts SET settled_nanos = ?, reserved_nanos = ?, unpriced = ? WHERE id = ?
        """
    )
    for (id, balance) in balances where balance.isChanged {
      let total = balance.total
      try statement.execute(
        arguments: [total.settled.nanos, total.reserved.nanos, total.unpriced, id]
      )
    }
    balances.removeAll(keepingCapacity: true)
  }

  // MARK: Payers

  /// The row of a payer, made if need be; nil if nobody in particular pays.
  mutating func payer(_ name: PayerName, _ db: Database) throws -> Int64? {
    if name.isNobody { return nil }
    if let payer = payers[name] { return payer.id }
    let find = try db.cachedStatement(sql: "SELECT id FROM payers WHERE run IS ? AND account IS ?")
    var id = try Int64.fetchOne(find, arguments: [name.run, name.account])
    if id == nil {
      try db.cachedStatement(sql: "INSERT INTO payers (run, account) VALUES (?, ?)")
        .execute(arguments: [name.run, name.account])
      id = db.lastInsertedRowID
    }
    return try remember(id ?? 0, name, db).id
  }

  /// The run on whose behalf a payer pays.
  mutating func run(_ payer: Int64?, _ db: Database) throws -> String? {
    try payer.flatMap { try self.payer($0, db)?.run }
  }

  private mutating func payer(_ id: Int64, _ db: Database) throws -> Payer? {
    if let payer = payersByID[id] { return payer }
    let statement = try db.cachedStatement(sql: "SELECT run, account FROM payers WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
    return try remember(id, PayerName(run: row[0], account: row[1]), db)
  }

  private mutating func remember(
    _ id: Int64,
    _ name: PayerName,
    _ db: Database
  ) throws -> Payer {
    let payer = Payer(
      id: id,
      run: name.run,
      accounts: try name.accounts.map { try makeAccount($0, db) }
    )
    payers[name] = payer
    payersByID[id] = payer
    return payer
  }

  private mutating func makeAccount(_ name: String, _ db: Database) throws -> Int64 {
    if let id = try accountID(name, db) { return id }
    try db.cachedStatement(
      sql: """
        INSERT INTO accounts (name, settled_nanos, reserved_nanos, unpriced) VALUES (?, 0, 0, 0)
        """
    ).execute(arguments: [name])
    accountIDs[name] = db.lastInsertedRowID
    return db.lastInsertedRowID
  }

  private mutating func accountID(_ name: String, _ db: Database) throws -> Int64? {
    if let id = accountIDs[name] { return id }
    let statement = try db.cachedStatement(sql: "SELECT id FROM accounts WHERE name = ?")
    guard let id = try Int64.fetchOne(statement, arguments: [name]) else { return nil }
    accountIDs[name] = id
    return id
  }

  // MARK: Totals

  /// Adds to what a payer's accounts have committed.
  mutating func charge(_ payer: Int64?, _ change: Spending, _ db: Database) throws {
    guard change != .none, let payer, let accounts = try self.payer(payer, db)?.accounts else {
      return
    }
    for id in accounts {
      let total = try balance(id, db) + change
      balances[id] = Balance(total: total, isChanged: true)
    }
  }

  private mutating func balance(_ id: Int64, _ db: Database) throws -> Spending {
    if let balance = balances[id] { return balance.total }
    let total = try AccountBook.total(id, db)
    balances[id] = Balance(total: total)
    return total
  }

  private static func total(_ id: Int64, _ db: Database) throws -> Spending {
    let statement = try db.cachedStatement(
      sql: "SELECT settled_nanos, reserved_nanos, unpriced FROM accounts WHERE id = ?"
    )
    return try Row.fetchOne(statement, arguments: [id]).map { Spending($0) } ?? .none
  }

  /// The first budget that a reservation does not fit into; nil if it fits into all.
  ///
  /// What is free is always granted. An unknown price fits into no budget.
  mutating func shortfall(
    _ needed: Money?,
    _ budgets: [Budget],
    _ db: Database
  ) throws -> BudgetShortfall? {
    if needed == .zero { return nil }
    for budget in budgets {
      let total = try accountID(budget.account, db).map { try balance($0, db) } ?? .none
      if let needed, total.committed + needed <= budget.limit { continue }
      return BudgetShortfall(
        budget: budget,
        settled: total.settled,
        reserved: total.reserved,
        needed: needed ?? Money(nanos: .max)
      )
    }
    return nil
  }
}
