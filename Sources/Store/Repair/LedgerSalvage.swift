import Foundation
import GRDB
import Primitives

/// Makes a new ledger of what can be read of a damaged one.
///
/// The pages are read one by one, so a row survives if its own page does, whatever happened to the
/// tree above it. What an answer is worth its seal tells. Blocks; whoever calls holds the locks.
struct LedgerSalvage {
  let source: String
  /// Where the new ledger is made; nothing is there.
  let target: String
  let objects: ObjectStore

  /// - Returns: The answers that are not in the new ledger, though they were paid for.
  func run() throws(StoreError) -> LostAnswers {
    let pages = try PageFile(at: source)
    var lost = LostAnswers()
    let unreadable = pages.countUnreadablePages()
    do {
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      let queue = try DatabaseQueue(path: target, configuration: configuration)
      try queue.inDatabase { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try db.inTransaction(.immediate) {
          try db.execute(sql: LedgerSchema.text)
          try db.execute(sql: "PRAGMA user_version = \(LedgerSchema.version)")
          try db.execute(sql: Self.scratch)
          try copyRows(pages, db)
          let mending = LedgerMending(db: db, reader: AnswerReader(objects: objects, path: source))
          lost = try mending.run()
          if unreadable > 0 { lost.mayBeMore = true }
          try db.execute(sql: "DROP TABLE found_keys; DROP TABLE found_accounts;")
          return .commit
        }
      }
      try queue.close()
    } catch {
      throw StoreError(error, database: target)
    }
    return lost
  }

  private static let scratch = """
    CREATE TEMP TABLE found_keys (id INTEGER PRIMARY KEY, key BLOB NOT NULL);
    CREATE TEMP TABLE found_accounts (
      name TEXT PRIMARY KEY, settled INTEGER, reserved INTEGER, unpriced INTEGER);
    """

  private func copyRows(_ pages: PageFile, _ db: Database) throws {
    let free = pages.freePages()
    guard pages.pageCount > 0 else { return }
    // Of two copies of a row the first is taken: those in use come before those given up.
    for isFree in [false, true] {
      for number in 1...pages.pageCount where free.contains(number) == isFree {
        for row in pages.rows(onPage: number) {
          guard let kind = LedgerRow(row), kind.isLasting || !isFree else { continue }
          try insert(row, kind, db)
        }
      }
    }
  }

  private func insert(_ row: FoundRow, _ kind: LedgerRow, _ db: Database) throws {
    guard let values = Self.databaseValues(row) else { return }
    let statement = try db.cachedStatement(sql: Self.insertion(kind))
    try statement.execute(arguments: StatementArguments(values))
  }

  private static func insertion(_ kind: LedgerRow) -> String {
    switch kind {
    case .model: "INSERT OR IGNORE INTO models VALUES (?, ?)"
    case .payer: "INSERT OR IGNORE INTO payers VALUES (?, ?, ?)"
    case .call: "INSERT OR IGNORE INTO calls VALUES (?, ?, ?, ?, ?)"
    case .claim: "INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    case .answer: "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?)"
    case .job:
      "INSERT OR IGNORE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    case .account:
      """
      INSERT OR IGNORE INTO found_accounts (rowid, name, settled, reserved, unpriced)
      VALUES (?, ?, ?, ?, ?)
      """
    case .setting: "INSERT OR IGNORE INTO meta VALUES (?, ?)"
    case .callKey: "INSERT OR IGNORE INTO found_keys (key, id) VALUES (?, ?)"
    case .attempt:
      // An attempt may have ended as lost and got its answer later: then that is what counts.
      """
      INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET (ended_at, outcome, served_model, prompt_tokens, completion_tokens,
        cost_nanos, detail) = (excluded.ended_at, excluded.outcome, excluded.served_model,
        excluded.prompt_tokens, excluded.completion_tokens, excluded.cost_nanos, excluded.detail)
      WHERE attempts.outcome IN ('lost', 'skipped') AND excluded.outcome <> 'lost'
      """
    }
  }

  /// The columns with the row's id in its place; nil if a text is none.
  private static func databaseValues(_ row: FoundRow) -> [DatabaseValue]? {
    var values: [DatabaseValue] = []
    for (index, value) in row.values.enumerated() {
      switch value {
      case .null where index == 0: values.append((row.rowID ?? 0).databaseValue)
      case .null: values.append(.null)
      case .integer(let number): values.append(number.databaseValue)
      case .blob(let bytes): values.append(Data(bytes).databaseValue)
      case .real: return nil
      case .text(let bytes):
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        values.append(text.databaseValue)
      }
    }
    return values
  }
}
