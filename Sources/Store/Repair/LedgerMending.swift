import Foundation
import GRDB
import Primitives

/// Makes the rows that were saved of a ledger agree with one another, within one transaction.
///
/// What an answer had cost stays counted, whether it could be saved or not: the money is spent.
struct LedgerMending {
  let db: Database
  let reader: AnswerReader

  func run() throws -> LostAnswers {
    var lost = LostAnswers()
    try nameStore()
    try db.execute(sql: Self.reconnect)
    try dropStrays(&lost)
    try dropAnswers(&lost)
    try dropRequests()
    try endForgotten(&lost)
    try dropJobs()
    try sumUp(&lost)
    return lost
  }

  /// Without the store's id, what is in doubt can not be resent under the key it was sent with.
  private func nameStore() throws {
    try db.execute(sql: "DELETE FROM meta WHERE name <> 'store' OR length(value) <> 32")
    try db.execute(
      sql: "INSERT OR IGNORE INTO meta (name, value) VALUES ('store', ?)",
      arguments: [Owner.newToken()]
    )
  }

  /// The index knows keys of calls whose rows are gone; an answer's seal says whether it is right.
  private static let reconnect = """
    INSERT OR IGNORE INTO calls (id, key, model)
      SELECT k.id, k.key, a.model FROM found_keys k
      JOIN attempts a ON a.id BETWEEN k.id << 20 AND k.id << 20 | 1048575 GROUP BY k.id;
    DELETE FROM claims WHERE call << 20 | number IN (SELECT id FROM attempts)
      OR call NOT IN (SELECT id FROM calls);
    UPDATE claims SET job = NULL WHERE job NOT IN (SELECT id FROM jobs);
    INSERT OR IGNORE INTO models (id, identity)
      SELECT model, 'unknown model ' || model FROM (
        SELECT model FROM calls UNION SELECT model FROM attempts UNION SELECT model FROM claims);
    INSERT OR IGNORE INTO payers (id, account)
      SELECT payer, 'unknown payer ' || payer FROM (
        SELECT payer FROM attempts UNION SELECT payer FROM claims UNION SELECT payer FROM jobs)
      WHERE payer IS NOT NULL;
    """

  /// Attempts of calls that nobody can name any more.
  private func dropStrays(_ lost: inout LostAnswers) throws {
    try endUnknown(&lost)
    let strays = "id >> 20 NOT IN (SELECT id FROM calls)"
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT cost_nanos FROM attempts
        WHERE \(strays) AND outcome NOT IN \(Outcome.withoutAnswer) AND outcome <> 'skipped'
        """
    )
    for row in rows { lost.add(cost: (row[0] as Int64?).map { Money(nanos: $0) }) }
    try db.execute(
      sql: """
        DELETE FROM attempts WHERE \(strays);
        DELETE FROM answers WHERE id NOT IN (SELECT id FROM attempts);
        DELETE FROM answers WHERE id IN
          (SELECT id FROM attempts WHERE outcome IN \(Outcome.withoutAnswer));
        """
    )
  }

  /// Attempts whose outcome is none.
  private func endUnknown(_ lost: inout LostAnswers) throws {
    let known =
      Outcome.allCases.map(\.rawValue) + Release.allCases.map(\.rawValue) + [Outcome.lost]
    let list = known.map { "'\($0)'" }.joined(separator: ", ")
    let rows = try Row.fetchAll(
      db,
      sql: "SELECT id, cost_nanos FROM attempts WHERE outcome NOT IN (\(list))"
    )
    for row in rows {
      lost.add(cost: (row[1] as Int64?).map { Money(nanos: $0) })
      try db.execute(
        sql: "UPDATE attempts SET outcome = 'lost' WHERE id = ?",
        arguments: [row[0] as Int64]
      )
    }
  }

  // MARK: Answers

  /// An attempt without its answer ends as lost: its money stays counted, its call is free again.
  private func dropAnswers(_ lost: inout LostAnswers) throws {
    var last: Int64 = 0
    while true {
      let (page, end) = try brokenAnswers(after: last)
      for broken in page {
        if broken.outcome != Outcome.skipped.rawValue { lost.add(cost: broken.cost) }
        let detail: JSON = [
          "message": "its answer was lost to damage", "outcome": .string(broken.outcome),
        ]
        try db.execute(
          sql: "UPDATE attempts SET outcome = 'lost', detail = ? WHERE id = ?",
          arguments: [detail.compactText, broken.id]
        )
        try db.execute(sql: "DELETE FROM answers WHERE id = ?", arguments: [broken.id])
      }
      guard let end else { return }
      last = end
    }
  }

  private struct Broken {
    let id: Int64
    let outcome: String
    let cost: Money?
  }

  private func brokenAnswers(after last: Int64) throws -> (page: [Broken], end: Int64?) {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT \(Ledger.answerColumns), c.key
        FROM attempts a JOIN calls c ON c.id = a.id >> 20 LEFT JOIN answers b ON b.id = a.id
          LEFT JOIN payers p ON p.id = a.payer
        WHERE a.id > ? AND a.outcome NOT IN \(Outcome.withoutAnswer) ORDER BY a.id LIMIT 500
        """,
      arguments: [last]
    )
    var page: [Broken] = []
    var end: Int64?
    while let row = try rows.next() {
      end = row[0]
      guard try reader.damage(row, key: row.digest(at: 11, in: reader.path)) != nil else {
        continue
      }
      page.append(
        Broken(id: row[0], outcome: row[1], cost: (row[5] as Int64?).map { Money(nanos: $0) })
      )
    }
    return (page, end)
  }

  /// A request is for people to look at: its call is served without it.
  private func dropRequests() throws {
    let rows = try Row.fetchAll(
      db,
      sql: "SELECT id, request_object FROM calls WHERE request_object IS NOT NULL"
    )
    for row in rows where Digest(blob: row[1]).flatMap({ reader.objects.find($0) }) == nil {
      try db.execute(
        sql: "UPDATE calls SET request_object = NULL WHERE id = ?",
        arguments: [row[0] as Int64]
      )
    }
  }

  /// Every call has an attempt or a claim: of these both are gone.
  private func endForgotten(_ lost: inout LostAnswers) throws {
    let forgotten = """
      FROM calls c WHERE c.id NOT IN (SELECT call FROM claims) AND NOT EXISTS (
        SELECT 1 FROM attempts a WHERE a.id BETWEEN c.id << 20 AND c.id << 20 | 1048575)
      """
    let count = try Int.fetchOne(db, sql: "SELECT count(*) \(forgotten)") ?? 0
    for _ in 0..<count { lost.add(cost: nil) }
    try db.execute(
      sql: """
        INSERT INTO attempts (id, model, started_at, ended_at, outcome, detail)
        SELECT c.id << 20 | 1, c.model, 0, 0, 'lost', '{"message":"lost to damage"}' \(forgotten)
        """
    )
  }

  // MARK: Jobs

  private func dropJobs() throws {
    let rows = try Row.fetchAll(db, sql: "SELECT id, kind, state, detail FROM jobs")
    for row in rows {
      let isWhole =
        JobKind(rawValue: row[1]) != nil && JobState(rawValue: row[2]) != nil
        && (try? JSON(parsing: row[3] as String)) != nil
      guard !isWhole else { continue }
      try db.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [row[0] as Int64])
    }
  }
}
