import Foundation
import GRDB

/// One of the store's SQLite databases: many readers, and one writer on a thread of its own.
///
/// Nothing but SQLite opens the files: closing any other descriptor would drop SQLite's locks.
final class DatabaseFile: Sendable {
  enum Durability: Int {
    /// `synchronous=NORMAL`: a power cut may lose the last commits, never damage the file.
    case normal = 1
    /// `synchronous=FULL`: a commit is on the disk when it returns.
    case full = 2

    /// GRDB's pool sets `synchronous` to NORMAL once the connection is prepared, so this comes
    /// after, and looks whether it took.
    func set(on db: Database) throws {
      try db.execute(sql: "PRAGMA synchronous = \(rawValue)")
      let found = try Int.fetchOne(db, sql: "PRAGMA synchronous")
      precondition(found == rawValue, "BUG: SQLite did not take the durability asked for")
    }
  }

  /// Bytes of pages that the writer may keep: the index of a million keys is 45 MiB.
  private static let writerCache = 64 << 20

  let path: String
  let storePath: String
  private let pool: DatabasePool
  /// Nil on a store opened for reading.
  private let queue: CommitQueue?
  /// Why nothing can be read: a database of an earlier format, opened for reading only.
  private let outdated: StoreError?

  /// Opens the database, making it if need be.
  ///
  /// `schema` makes the tables of `version`, which is what `PRAGMA user_version` then says. `lock`
  /// is the path of the lock file that every writer holds; nil opens for reading only. `keeper` is
  /// told of every transaction.
  init(
    at path: String,
    storePath: String,
    schema: String,
    version: Int,
    durability: Durability,
    lock: String?,
    keeper: (any TransactionKeeper)? = nil
  ) throws(StoreError) {
    self.path = path
    self.storePath = storePath
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(30)
      configuration.maximumReaderCount = 4
      configuration.readonly = lock == nil
      // A statement names rows that it has just found or made, and none is ever removed: looking
      // twice costs more than the insertion.
      configuration.foreignKeysEnabled = false
      configuration.prepareDatabase { db in
        // A checkpoint by itself would run outside the lock; `CommitQueue` runs them inside.
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
      }
      guard let lock else {
        pool = try DatabasePool(path: path, configuration: configuration)
        queue = nil
        let found = try pool.read { db in try Self.checkVersion(db, version, storePath) }
        outdated =
          found == version
          ? nil : .olderFormat(path: storePath, found: found, supported: version)
        return
      }
      let writers = try FileLock(at: lock)
      // Opening writes too: the journal mode, the schema, recovery after a kill.
      try writers.lock(.exclusive)
      defer { writers.unlock() }
      try Self.makePrivate(path)
      pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { db in
        try Self.checkVersion(db, version, storePath)
        try Self.make(db, schema, version)
        try durability.set(on: db)
        // The index of keys is hit at random: with SQLite's 2 MiB it is read anew all the time.
        try db.execute(sql: "PRAGMA cache_size = -\(Self.writerCache / 1024)")
      }
      outdated = nil
      queue = try CommitQueue(
        pool: pool,
        path: path,
        storePath: storePath,
        lockPath: lock,
        durability: durability,
        keeper: keeper
      )
    } catch {
      throw StoreError(error, database: path)
    }
  }

  /// Reads from a snapshot, on a reader's own thread.
  func read<T: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(StoreError) -> T {
    if let outdated { throw outdated }
    let result: Result<T, StoreError> = await withCheckedContinuation { continuation in
      pool.asyncRead { database in
        do {
          continuation.resume(returning: .success(try body(try database.get())))
        } catch {
          continuation.resume(returning: .failure(StoreError(error, database: self.path)))
        }
      }
    }
    return try result.get()
  }

  /// Runs a body in a write transaction that it shares with others; committed when this returns.
  ///
  /// The body may run twice, so it touches nothing but the database.
  func write<T: Sendable>(
    _ purpose: WritePurpose = .record,
    _ body: @escaping @Sendable (Database) throws -> T
  ) async throws(StoreError) -> T {
    guard let queue else { throw .readOnly(path: storePath) }
    return try await queue.perform(purpose, body)
  }

  var isWritable: Bool { queue != nil }

  /// Ends the writer and closes the files, under the lock: the last to close checkpoints.
  func close() {
    guard let queue else {
      try? pool.close()
      return
    }
    queue.close()
  }

  /// Makes a database file that is not there, before SQLite gives its mode to the WAL's files.
  private static func makePrivate(_ path: String) throws {
    guard FileSystem.size(ofFileAt: path) == nil else { return }
    try DatabaseQueue(path: path).close()
    chmod(path, 0o600)
  }

  @discardableResult
  private static func checkVersion(
    _ db: Database,
    _ version: Int,
    _ storePath: String
  ) throws -> Int {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard found <= version else {
      throw StoreError.newerFormat(path: storePath, found: found, supported: version)
    }
    return found
  }

  private static func make(_ db: Database, _ schema: String, _ version: Int) throws {
    guard try Int.fetchOne(db, sql: "PRAGMA user_version") == 0 else { return }
    // Whatever is lost later: without its tables a file would read as that of another format.
    try Durability.full.set(on: db)
    try db.inTransaction(.immediate) {
      try db.execute(sql: schema)
      try db.execute(sql: "PRAGMA user_version = \(version)")
      return .commit
    }
  }
}

extension StoreError {
  /// What GRDB, or a body that ran in it, threw.
  init(_ error: any Error, database path: String) {
    if let error = error as? StoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self = .database(path: path, reason: "\(error)")
      return
    }
    let reason = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    // The map of the log is made larger by writing to it.
    let isFull = [.SQLITE_FULL, .SQLITE_IOERR_SHMSIZE].contains(error.extendedResultCode)
    switch error.resultCode {
    case _ where isFull: self = .diskFull(path: path, operation: "write")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damagedDatabase(path: path, reason: reason)
    default: self = .database(path: path, reason: reason)
    }
  }
}
