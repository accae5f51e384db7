import Foundation
import GRDB
package import Primitives

/// The table of results: which outputs an action key led to.
///
/// A key may have several results (a node run again on purpose, or by two processes at once). All
/// are kept; the latest whose objects are all there counts.
package struct Results: Sendable {
  let index: DatabaseFile
  let objects: ObjectStore

  /// The result for a key: the latest one whose outputs are all present at their size.
  package func lookup(_ key: Digest) async throws(StoreError) -> ResultRecord? {
    try await lookup([key])[key]
  }

  package func lookup(
    _ keys: [Digest]
  ) async throws(StoreError) -> [Digest: ResultRecord] {
    let candidates = try await index.read { db in
      try keys.map { key in (key, try Results.fetch(key, db, path: index.path)) }
    }
    // A stat for each output: away from the cooperative pool.
    return try await Blocking.storeWork { () throws(StoreError) in
      var found: [Digest: ResultRecord] = [:]
      for (key, records) in candidates {
        found[key] = records.last { record in
          record.outputs.allSatisfy { objects.contains($0.object) }
        }
      }
      return found
    }
  }

  /// Every result for a key, oldest first, whether its outputs are there or not.
  package func all(for key: Digest) async throws(StoreError) -> [ResultRecord] {
    try await index.read { db in try Results.fetch(key, db, path: index.path) }
  }

  /// Records what a key led to.
  ///
  /// Its preimage and its outputs are objects by now.
  @discardableResult
  package func record(
    key: Digest,
    kind: String,
    outputs: [(part: String, object: ObjectRef)],
    facts: JSON,
    runID: String
  ) async throws(StoreError) -> ResultRecord {
    let record = ResultRecord(
      key: key,
      kind: kind,
      outputs: outputs,
      facts: facts,
      runID: runID,
      madeAt: WallClock.milliseconds
    )
    try await Blocking.storeWork { () throws(StoreError) in
      precondition(objects.find(key) != nil, "BUG: a result was recorded before its preimage")
      for output in outputs where !objects.contains(output.object) {
        throw .missingObject(output.object.digest, path: objects.path(of: output.object.digest))
      }
    }
    try await index.write { db in try Results.insert(record, db) }
    return record
  }

  static func insert(_ record: ResultRecord, _ db: Database) throws {
    try db.cachedStatement(
      sql: "INSERT INTO results (key, kind, run, made_at, facts) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      record.key.blob, record.kind, record.runID, record.madeAt, ResultSeal.facts(of: record),
    ])
    let id = db.lastInsertedRowID
    for (position, output) in record.outputs.enumerated() {
      try db.cachedStatement(
        sql: "INSERT INTO outputs (result, position, part, digest, size) VALUES (?, ?, ?, ?, ?)"
      ).execute(arguments: [
        id, position, output.part, output.object.digest.blob, output.object.size,
      ])
    }
  }

  static func fetch(
    _ key: Digest,
    _ db: Database,
    path: String
  ) throws -> [ResultRecord] {
    let statement = try db.cachedStatement(
      sql: "SELECT id, kind, run, made_at, facts FROM results WHERE key = ? ORDER BY id"
    )
    return try Row.fetchAll(statement, arguments: [key.blob]).map { row in
      let outputs = try outputs(of: row[0], db, path: path)
      let facts = try? JSON(parsing: row[4] as String)
      let record = facts.flatMap { facts in
        ResultSeal.open(
          ResultRecord(
            key: key,
            kind: row[1],
            outputs: outputs,
            facts: facts,
            runID: row[2],
            madeAt: row[3]
          )
        )
      }
      guard let record else {
        throw StoreError.damagedDatabase(
          path: path,
          reason: "the result for \(key.hex) is not what was recorded"
        )
      }
      return record
    }
  }

  private static func outputs(
    of result: Int64,
    _ db: Database,
    path: String
  ) throws -> [(part: String, object: ObjectRef)] {
    let statement = try db.cachedStatement(
      sql: "SELECT part, digest, size FROM outputs WHERE result = ? ORDER BY position"
    )
    return try Row.fetchAll(statement, arguments: [result]).map { row in
      (row[0], ObjectRef(digest: try row.digest(at: 1, in: path), size: row[2]))
    }
  }
}
