import Foundation
import GRDB
import Primitives

/// What the databases say about who needs what, at one moment.
struct CollectionFacts: Sendable {
  struct Result: Sendable {
    let id: Int64
    let key: Digest
    let run: String
    /// Its outputs, and what its facts name.
    let names: Set<Digest>
  }

  struct Instance: Sendable {
    let workflow: String
    let instance: String
    let key: Digest
    let run: String
  }

  struct Answer: Sendable {
    let id: Int64
    let cost: Money?
    let object: Digest?
    /// The runs that paid for answers of its call; nil: somebody else did, too.
    let runs: Set<String>?
  }

  let runs: [RunInfo]
  let results: [Result]
  let instances: [Instance]
  /// Objects that the ledger names, but for answers.
  let ledgerRoots: Set<Digest>
  /// Objects that are answers.
  let answerObjects: Set<Digest>
  /// Every answer that may be given up; read only where it is asked for.
  let answers: [Answer]
  let pins: [Pin]

  static func gather(
    _ store: Store,
    _ selection: GCSelection
  ) async throws(StoreError) -> CollectionFacts {
    let rows = try await store.index.read { db in (try results(db), try instances(db)) }
    let ledger = try await store.ledger.database.read { db in
      (try roots(db), try answerObjects(db), selection.takesAnswers ? try answers(db) : [])
    }
    return CollectionFacts(
      runs: try await store.runs.list(),
      results: rows.0,
      instances: rows.1,
      ledgerRoots: ledger.0,
      answerObjects: ledger.1,
      answers: ledger.2,
      pins: try await store.pins()
    )
  }

  private static func results(_ db: Database) throws -> [Result] {
    var outputs: [Int64: Set<Digest>] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT result, digest FROM outputs") {
      if let digest = Digest(blob: row[1]) { outputs[row[0], default: []].insert(digest) }
    }
    let rows = try Row.fetchAll(db, sql: "SELECT id, key, run, facts FROM results")
    return rows.compactMap { row in
      guard let key = Digest(blob: row[1]) else { return nil }
      let facts = DigestScanner.digests(in: (row[3] as String).utf8)
      return Result(id: row[0], key: key, run: row[2], names: facts.union(outputs[row[0]] ?? []))
    }
  }

  private static func instances(_ db: Database) throws -> [Instance] {
    let rows = try Row.fetchAll(db, sql: "SELECT workflow, instance, key, run FROM instances")
    return rows.compactMap { row in
      Digest(blob: row[2]).map {
        Instance(workflow: row[0], instance: row[1], key: $0, run: row[3])
      }
    }
  }

  private static func roots(_ db: Database) throws -> Set<Digest> {
    var found: Set<Digest> = []
    let blobs = try Data.fetchAll(
      db,
      sql: """
        SELECT request_object FROM calls WHERE request_object IS NOT NULL
        UNION SELECT key FROM jobs
        """
    )
    found.formUnion(blobs.compactMap { Digest(blob: $0) })
    for text in try String.fetchAll(db, sql: "SELECT detail FROM jobs") {
      found.formUnion(DigestScanner.digests(in: text.utf8))
    }
    return found
  }

  private static func answerObjects(_ db: Database) throws -> Set<Digest> {
    let blobs = try Data.fetchAll(db, sql: "SELECT object FROM answers WHERE object IS NOT NULL")
    return Set(blobs.compactMap { Digest(blob: $0) })
  }

  /// The answers of calls that nobody is making, those that were skipped left out.
  private static func answers(_ db: Database) throws -> [Answer] {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT b.id, a.cost_nanos, b.object, p.run
        FROM answers b JOIN attempts a ON a.id = b.id LEFT JOIN payers p ON p.id = a.payer
        WHERE a.outcome <> 'skipped' AND b.id >> 20 NOT IN (SELECT call FROM claims) ORDER BY b.id
        """
    )
    var payers: [Int64: Set<String>?] = [:]
    for row in rows {
      let call = AttemptID.call(of: row[0])
      let known: Set<String>? = payers[call] ?? Set<String>()
      payers[call] = .some((row[3] as String?).flatMap { run in known?.union([run]) })
    }
    return rows.map { row in
      Answer(
        id: row[0],
        cost: (row[1] as Int64?).map { Money(nanos: $0) },
        object: (row[2] as Data?).flatMap { Digest(blob: $0) },
        runs: payers[AttemptID.call(of: row[0])] ?? nil
      )
    }
  }
}
