import Foundation
import GRDB
import Primitives

/// What a run's record tells about the rows that the index has of it.
struct RecordedRun {
  let id: String
  let workflow: String
  let startedAt: Int64
  let endedAt: Int64
  let status: RunStatus
  let commit: String?
  let results: [ResultRecord]

  init(id: String, _ record: JSON) {
    let summary = record["summary"]
    self.id = id
    workflow = record["workflow"]?["name"]?.string ?? record["workflow"]?["path"]?.string ?? ""
    startedAt = record["started_at_ms"]?.integer ?? 0
    let seconds = summary?["seconds"]?.number ?? 0
    endedAt = startedAt + Int64(max(0, min(seconds, 1e9)) * 1000)
    // A record is written at the end of a run.
    status = summary?["status"]?.string.flatMap { RunStatus(rawValue: $0) } ?? .failed
    commit = summary?["commit"]?.string
    let ended = endedAt
    results = (record["instances"]?.array ?? []).compactMap { instance in
      ResultRecord(instance, run: id, madeAt: ended)
    }
  }

  func insert(_ db: Database) throws {
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO runs (id, workflow, started_at, ended_at, status, commit_id, owner)
        VALUES (?, ?, ?, ?, ?, ?, '')
        """,
      arguments: [id, workflow, startedAt, endedAt, status.rawValue, commit]
    )
  }
}

extension ResultRecord {
  /// Reads an entry of a record's `instances`; nil if it has no result.
  init?(_ instance: JSON, run: String, madeAt: Int64) {
    guard let key = (instance["key"]?.string).flatMap({ Digest(hex: $0) }),
      let kind = instance["kind"]?.string, let outputs = instance["outputs"]?.object,
      let status = instance["status"]?.string, status == "ran" || status == "reused"
    else { return nil }
    let parts = outputs.members.compactMap { part, value -> (part: String, object: ObjectRef)? in
      guard let digest = (value["sha256"]?.string).flatMap({ Digest(hex: $0) }),
        let size = value["size"]?.int
      else { return nil }
      return (part, ObjectRef(digest: digest, size: size))
    }
    guard parts.count == outputs.members.count else { return nil }
    self.init(
      key: key,
      kind: kind,
      outputs: parts,
      facts: instance["facts"] ?? [:],
      runID: instance["origin_run"]?.string ?? run,
      madeAt: madeAt
    )
  }

  /// Adds the result unless the key has one of the same outputs, or an object is missing.
  ///
  /// - Returns: Whether it was added.
  @discardableResult
  func insertIfNew(_ db: Database, _ objects: ObjectStore) throws -> Bool {
    guard outputs.allSatisfy({ objects.contains($0.object) }) else { return false }
    let same = try Results.fetch(key, db, path: "").contains { other in
      other.outputs.count == outputs.count
        && zip(other.outputs, outputs).allSatisfy { $0.part == $1.part && $0.object == $1.object }
    }
    guard !same else { return false }
    try Results.insert(self, db)
    return true
  }
}
