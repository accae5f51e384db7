import GRDB
import Primitives

/// A connection of its own to one of the databases, for those who look after the store.
///
/// Blocks. Whoever writes holds `locks/write`.
enum DatabaseConnection {
  /// Reads from one snapshot.
  static func reading<T>(
    _ path: String,
    _ body: (Database) throws -> T
  ) throws(StoreError) -> T {
    var configuration = Configuration()
    configuration.readonly = true
    return try use(path, configuration) { queue in try queue.read(body) }
  }

  /// Writes in one transaction, on the disk when this returns.
  static func writing<T>(
    _ path: String,
    _ body: (Database) throws -> T
  ) throws(StoreError) -> T {
    try use(path, Configuration()) { queue in
      try queue.inDatabase { db in
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        try db.execute(sql: "PRAGMA synchronous = FULL")
        var result: T?
        try db.inTransaction(.immediate) {
          result = try body(db)
          return .commit
        }
        guard let result else { preconditionFailure("BUG: a transaction ended without a result") }
        return result
      }
    }
  }

  private static func use<T>(
    _ path: String,
    _ base: Configuration,
    _ body: (DatabaseQueue) throws -> T
  ) throws(StoreError) -> T {
    do {
      var configuration = base
      configuration.busyMode = .timeout(30)
      configuration.foreignKeysEnabled = false
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let result = try body(queue)
      try queue.close()
      return result
    } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
      // The statements are right: it is the schema that is not.
      throw .damagedDatabase(path: path, reason: error.message ?? "\(error)")
    } catch {
      throw StoreError(error, database: path)
    }
  }
}

/// What SQLite itself says about a database, and whether its tables are those they should be.
struct DatabaseCheck {
  /// `PRAGMA user_version`; 0 is a database that nothing was made in.
  let version: Int
  /// What is broken; none if all is well.
  let lines: [String]

  init(_ db: Database, schema: String, version expected: Int) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    var lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
    if version == expected, lines.isEmpty {
      let made = try DatabaseQueue().write { db in
        try db.execute(sql: schema)
        return try Self.tables(db)
      }
      if try Self.tables(db) != made { lines.append("its tables are not those of its format") }
    }
    self.version = version
    self.lines = lines
  }

  private static func tables(_ db: Database) throws -> [String] {
    try String.fetchAll(db, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").map { sql in
      sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }.sorted(by: UTF8Order.less)
  }
}
