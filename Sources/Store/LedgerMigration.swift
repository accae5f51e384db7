import Foundation
import GRDB
import Primitives

/// Brings the ledger of a format-1 store to format 2.
///
/// Everything happens in one transaction of the ledger; `distill.json` follows. A kill leaves a
/// ledger of one format or the other, and in between a marker that is behind, which the next opening
/// for writing puts right. A release that knows only format 1 refuses both.
struct LedgerMigration {
  let layout: StoreLayout

  /// How long other processes may take to let go of a store of the old format.
  private static let patience = 50
  private static let pause: useconds_t = 100_000

  /// Does nothing to a store of today's format, and to one that has no ledger yet.
  ///
  /// - Throws: `.inUse` if processes that know only the old tables have the store open.
  func runIfNeeded() throws(StoreError) {
    guard try layout.markedFormat() != StoreLayout.format else { return }
    let use = try FileLock(at: layout.lock("use"))
    for _ in 0..<Self.patience {
      if try use.tryLock(.exclusive) {
        defer { use.unlock() }
        return try migrateIfNeeded()
      }
      usleep(Self.pause)
      // Perhaps the other process was about the same thing.
      guard try layout.markedFormat() != StoreLayout.format else { return }
    }
    throw .inUse(path: layout.path)
  }

  /// The same for whoever has `locks/use` exclusively already.
  func migrateIfNeeded() throws(StoreError) {
    guard try layout.markedFormat() != StoreLayout.format else { return }
    if FileSystem.size(ofFileAt: layout.ledger) != nil { try migrate() }
    try layout.writeMarker()
  }

  private func migrate() throws(StoreError) {
    let lock = try FileLock(at: layout.lock("write"))
    try lock.lock(.exclusive)
    defer { lock.unlock() }
    do {
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      let queue = try DatabaseQueue(path: layout.ledger, configuration: configuration)
      try queue.inDatabase { db in
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        try db.execute(sql: "PRAGMA synchronous = FULL")
        guard try Int.fetchOne(db, sql: "PRAGMA user_version") == 1 else { return }
        try db.inTransaction(.immediate) {
          try rewrite(db)
          return .commit
        }
        try db.checkpoint(.passive)
      }
      try queue.close()
    } catch {
      throw StoreError(error, database: layout.ledger)
    }
  }

  private func rewrite(_ db: Database) throws {
    try db.execute(sql: "PRAGMA legacy_alter_table = ON")
    try db.execute(sql: Self.setAside)
    try db.execute(sql: LedgerSchema.making)
    try db.execute(sql: Self.copy)
    try nameStates(db)
    try db.execute(sql: Self.sumUp)
    try db.execute(sql: Self.drop)
    try db.execute(sql: "PRAGMA user_version = \(LedgerSchema.version)")
  }

  private static let setAside = """
    DROP INDEX jobs_by_key;
    ALTER TABLE models RENAME TO old_models;
    ALTER TABLE calls RENAME TO old_calls;
    ALTER TABLE attempts RENAME TO old_attempts;
    ALTER TABLE claims RENAME TO old_claims;
    ALTER TABLE jobs RENAME TO old_jobs;
    """

  /// Format 1 had one row for an attempt from its claim on, ids in their order, and knew no accounts.
  private static let copy = """
    INSERT INTO models SELECT id, identity FROM old_models;
    INSERT INTO payers (run)
      SELECT run FROM old_attempts WHERE run IS NOT NULL
      UNION SELECT run FROM old_jobs WHERE run IS NOT NULL;
    INSERT INTO calls SELECT id, key, model, request_object, request FROM old_calls;
    INSERT INTO claims (call, number, model, payer, started_at, reserved_nanos, owner, detail)
      SELECT k.call, a.number, c.model, p.id, a.started_at, a.reserved_micros * 1000, k.owner,
        a.detail
      FROM old_claims k JOIN old_attempts a ON a.id = k.attempt JOIN old_calls c ON c.id = k.call
        LEFT JOIN payers p ON p.run = a.run;
    INSERT INTO attempts
      SELECT a.call << 20 | a.number, c.model, p.id, a.started_at, coalesce(a.ended_at, a.started_at),
        coalesce(a.outcome, 'lost'), a.served_model, a.prompt_tokens, a.completion_tokens,
        a.reserved_micros * 1000,
        coalesce(a.cost_micros, CASE a.outcome WHEN 'rejected' THEN 0 END) * 1000, a.detail
      FROM old_attempts a JOIN old_calls c ON c.id = a.call LEFT JOIN payers p ON p.run = a.run
      WHERE a.id NOT IN (SELECT attempt FROM old_claims) ORDER BY 1;
    INSERT INTO answers
      SELECT call << 20 | number, seal, answer_object, answer FROM old_attempts
      WHERE seal IS NOT NULL ORDER BY 1;
    INSERT INTO jobs
      SELECT j.id, j.key, j.kind, j.model, j.tag, j.remote_id, j.state, p.id, j.owner, j.created_at,
        j.updated_at, j.reserved_micros * 1000, j.cost_micros * 1000, j.detail
      FROM old_jobs j LEFT JOIN payers p ON p.run = j.run;
    """

  /// What the attempts and jobs of each run come to, by the rule of `Spending`.
  private static let sumUp = """
    INSERT INTO accounts (name, settled_nanos, reserved_nanos, unpriced)
      SELECT 'run:' || p.run, coalesce(sum(i.cost), 0),
        coalesce(sum(i.reserved) FILTER (WHERE i.cost IS NULL), 0),
        count(i.payer) FILTER (WHERE i.cost IS NULL AND i.reserved IS NULL)
      FROM payers p LEFT JOIN (
        SELECT payer, cost_nanos AS cost, reserved_nanos AS reserved FROM attempts
          WHERE outcome NOT IN ('not-sent', 'declined')
        UNION ALL SELECT payer, NULL, reserved_nanos FROM claims
        UNION ALL SELECT payer, cost_nanos, reserved_nanos FROM jobs
      ) i ON i.payer = p.id
      GROUP BY p.id ORDER BY p.id;
    """

  private static let drop = """
    DROP TABLE old_claims;
    DROP TABLE old_attempts;
    DROP TABLE old_calls;
    DROP TABLE old_models;
    DROP TABLE old_jobs;
    """

  // MARK: States

  /// Format 1 called an answer without a text `refused`, and its state stood in the answer alone.
  private func nameStates(_ db: Database) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT a.id, c.key, a.served_model, a.prompt_tokens, a.completion_tokens, b.seal, b.body
        FROM attempts a JOIN answers b ON b.id = a.id JOIN calls c ON c.id = a.id >> 20
        WHERE a.outcome = 'refused' AND b.body IS NOT NULL
        """
    )
    var changes: [(id: Int64, outcome: Outcome, seal: Digest)] = []
    while let row = try rows.next() {
      guard let outcome = Self.namedOutcome(row[6]), outcome != .refused else { continue }
      let key = try row.digest(at: 1, in: layout.ledger)
      let seal = { (outcome: Outcome) in
        AnswerSeal.make(
          key: key,
          answer: Digest(of: row[6] as Data),
          outcome: outcome,
          servedModel: row[2],
          tokens: TokenCounts(prompt: row[3], completion: row[4])
        )
      }
      // What is damaged already must not be sealed as if it were whole.
      guard try row.digest(at: 5, in: layout.ledger) == seal(.refused) else { continue }
      changes.append((row[0], outcome, seal(outcome)))
    }
    for change in changes {
      try db.execute(
        sql: "UPDATE attempts SET outcome = ? WHERE id = ?",
        arguments: [change.outcome.rawValue, change.id]
      )
      try db.execute(
        sql: "UPDATE answers SET seal = ? WHERE id = ?",
        arguments: [change.seal.blob, change.id]
      )
    }
  }

  private static func namedOutcome(_ body: Data) -> Outcome? {
    guard let json = try? JSON(parsing: [UInt8](body)) else { return nil }
    return json["state"]?.string.flatMap { Outcome(rawValue: $0) }
  }
}
