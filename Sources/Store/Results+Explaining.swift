import Foundation
import GRDB
package import Primitives

// What `explain` compares: the preimage behind a key, and the key that an instance had before.

extension Results {
  /// Keeps the canonical JSON that an action key is the digest of; gives the key.
  package func putPreimage(_ preimage: JSON) async throws(StoreError) -> Digest {
    let bytes = preimage.canonical
    let reference = ObjectRef(of: bytes)
    // The same preimage comes with every run; writing it again would cost two fsyncs each.
    let whole = try await Blocking.storeWork { () throws(StoreError) in
      guard objects.contains(reference) else { return false }
      return try objects.readNow(reference.digest) == bytes
    }
    if !whole { try await objects.put(bytes) }
    return reference.digest
  }

  /// What a key was made of; nil if its object is not there.
  package func preimage(_ key: Digest) async throws(StoreError) -> JSON? {
    guard objects.find(key) != nil else { return nil }
    let bytes = try await objects.read(key)
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw .damagedFile(path: objects.path(of: key), reason: "a preimage is not JSON: \(error)")
    }
  }

  /// Remembers the key that an instance has now, in place of the one before.
  ///
  /// `workflow` names the workflow across runs: its path, or what the caller holds for its name.
  package func noteInstance(
    workflow: String,
    instance: String,
    key: Digest,
    runID: String
  ) async throws(StoreError) {
    try await index.write { db in
      try db.cachedStatement(
        sql: """
          INSERT INTO instances (workflow, instance, key, run) VALUES (?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET key = excluded.key, run = excluded.run
          """
      ).execute(arguments: [workflow, instance, key.blob, runID])
    }
  }

  /// The key that an instance had last; nil if it never came that far.
  package func lastInstance(
    workflow: String,
    instance: String
  ) async throws(StoreError) -> InstanceRecord? {
    try await index.read { db in
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT key, run FROM instances WHERE workflow = ? AND instance = ?"
        ),
        arguments: [workflow, instance]
      )
      return try row.map { row in
        InstanceRecord(
          workflow: workflow,
          instance: instance,
          key: try row.digest(at: 0, in: index.path),
          runID: row[1]
        )
      }
    }
  }

  /// All instances of a workflow, sorted by the bytes of their ids.
  package func lastInstances(workflow: String) async throws(StoreError) -> [InstanceRecord] {
    try await index.read { db in
      let rows = try Row.fetchAll(
        db.cachedStatement(
          sql: "SELECT instance, key, run FROM instances WHERE workflow = ? ORDER BY instance"
        ),
        arguments: [workflow]
      )
      return try rows.map { row in
        InstanceRecord(
          workflow: workflow,
          instance: row[0],
          key: try row.digest(at: 1, in: index.path),
          runID: row[2]
        )
      }
    }
  }
}
