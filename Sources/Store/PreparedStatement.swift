import GRDB
import GRDBSQLite
import Primitives

/// One statement that runs tens of thousands of times a second (`sqlite3_stmt`).
///
/// GRDB boxes each argument and looks for observers after each run: that took 6 of the 38 µs of
/// processor time that a claim and its settlement cost the writer's thread. Values are bound by
/// position, from 1; all are bound anew for each run.
struct PreparedStatement: ~Copyable {
  private let handle: OpaquePointer

  init(_ sql: String, _ db: Database) throws {
    var handle: OpaquePointer?
    let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
    let code = sqlite3_prepare_v3(db.sqliteConnection, sql, -1, flags, &handle, nil)
    guard code == SQLITE_OK, let handle else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code),
        message: String(cString: sqlite3_errmsg(db.sqliteConnection)),
        sql: sql
      )
    }
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// SQLite takes a copy at once (`SQLITE_TRANSIENT`, which C gives as a cast that Swift cannot see).
  private static var copied: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  func bind(_ value: Int64?, at position: Int32) {
    if let value {
      sqlite3_bind_int64(handle, position, value)
    } else {
      sqlite3_bind_null(handle, position)
    }
  }

  func bind(_ value: Int?, at position: Int32) { bind(value.map(Int64.init), at: position) }

  func bind(_ money: Money?, at position: Int32) { bind(money?.nanos, at: position) }

  func bind(_ text: String?, at position: Int32) {
    guard var text else { return bind(nil as Int64?, at: position) }
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(handle, position, $0.baseAddress, Int32($0.count), Self.copied)
      }
    }
  }

  func bind(_ bytes: [UInt8]?, at position: Int32) {
    guard let bytes else { return bind(nil as Int64?, at: position) }
    bytes.withUnsafeBytes { bind($0, at: position) }
  }

  func bind(_ digest: Digest?, at position: Int32) {
    guard let words = digest?.words else { return bind(nil as Int64?, at: position) }
    let bytes = (
      words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
    )
    withUnsafeBytes(of: bytes) { bind($0, at: position) }
  }

  private func bind(_ bytes: UnsafeRawBufferPointer, at position: Int32) {
    // An empty array has no address, and no address would be NULL.
    guard let base = bytes.baseAddress else {
      sqlite3_bind_zeroblob(handle, position, 0)
      return
    }
    sqlite3_bind_blob(handle, position, base, Int32(bytes.count), Self.copied)
  }

  /// Runs the statement, which returns no rows, and makes it ready for the next run.
  ///
  /// - Returns: How many rows it changed.
  @discardableResult
  func run() throws -> Int {
    let code = sqlite3_step(handle)
    guard code == SQLITE_DONE else {
      let connection = sqlite3_db_handle(handle)
      let error = DatabaseError(
        resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
        message: String(cString: sqlite3_errmsg(connection)),
        sql: String(cString: sqlite3_sql(handle))
      )
      sqlite3_reset(handle)
      throw error
    }
    sqlite3_reset(handle)
    return Int(sqlite3_changes(sqlite3_db_handle(handle)))
  }
}
