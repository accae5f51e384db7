import Foundation
import GRDB
package import Primitives

// Where results came from and what came of them: by output, by the beginning of a digest, by run.

extension Results {
  /// The results that have an object among their outputs, oldest first.
  ///
  /// Reads all of `outputs`, which holds a few rows a result; an index would cost each result more
  /// than that costs the one who asks.
  package func results(withOutput digest: Digest) async throws(StoreError) -> [ResultRecord] {
    let keys = try await index.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT r.key FROM outputs o JOIN results r ON r.id = o.result
          WHERE o.digest = ? GROUP BY r.key ORDER BY min(r.id)
          """,
        arguments: [digest.blob]
      )
      return try rows.map { try $0.digest(at: 0, in: index.path) }
    }
    var found: [ResultRecord] = []
    for key in keys {
      found += try await all(for: key).filter { record in
        record.outputs.contains { $0.object.digest == digest }
      }
    }
    return found
  }

  /// The outputs and keys whose digests begin with these hexadecimal digits, sorted; a few at most.
  package func digests(withPrefix prefix: String, limit: Int) async throws(StoreError) -> [Digest] {
    guard let range = KeyRange(prefix: prefix) else { return [] }
    return try await index.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT digest FROM outputs WHERE digest BETWEEN :first AND :last
          UNION SELECT key FROM results WHERE key BETWEEN :first AND :last
          ORDER BY 1 LIMIT :limit
          """,
        arguments: ["first": range.first.blob, "last": range.last.blob, "limit": limit]
      )
      return try rows.map { try $0.digest(at: 0, in: index.path) }
    }
  }

  /// Every action key that led to a result, in the order in which they were first recorded.
  package func keys() async throws(StoreError) -> [Digest] {
    try await index.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: "SELECT key FROM results GROUP BY key ORDER BY min(id)"
      )
      return try rows.map { try $0.digest(at: 0, in: index.path) }
    }
  }

  /// The instances of workflows that had a key when they were last settled.
  package func instances(withKey key: Digest) async throws(StoreError) -> [InstanceRecord] {
    try await index.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: "SELECT workflow, instance, run FROM instances WHERE key = ? ORDER BY 1, 2",
        arguments: [key.blob]
      )
      return rows.map { row in
        InstanceRecord(workflow: row[0], instance: row[1], key: key, runID: row[2])
      }
    }
  }
}

extension RunFolder {
  /// Whether the run's record was written; a run that goes on, or was killed, has none.
  package var hasRecord: Bool { FileSystem.size(ofFileAt: recordPath) != nil }
}
