import Foundation
import GRDB
import Primitives

extension StoreRepair {
  mutating func repairIndex(_ found: VerifyReport) throws(StoreError) {
    let lock = try FileLock(at: layout.lock("write"))
    try lock.lock(.exclusive)
    defer { lock.unlock() }
    let files = [layout.index, layout.index + "-wal"]
    let isBroken = found.problems.contains { problem in
      files.contains { UTF8Order.equal($0, problem.place) }
    }
    if isBroken {
      try quarantine.takeDatabase(layout.index)
      try makeIndex()
      note("made the index anew; what the runs' records do not tell is computed again")
    }
    try dropResults()
    try dropRuns()
    try listRuns()
  }

  private func makeIndex() throws(StoreError) {
    try FileSystem.makePrivate(layout.index)
    try DatabaseConnection.writing(layout.index) { db in
      try db.execute(sql: IndexSchema.text)
      try db.execute(sql: "PRAGMA user_version = \(IndexSchema.version)")
    }
  }

  // MARK: Rows that name what is gone

  private mutating func dropResults() throws(StoreError) {
    let rows = try DatabaseConnection.reading(layout.index) { db in try IndexRows(db) }
    var dropped: [IndexRows.Result] = []
    for result in rows.results where try !isWhole(result) { dropped.append(result) }
    guard !dropped.isEmpty else { return }
    try quarantine.keep(dropped.map(\.json.compactText), in: "results.jsonl")
    let ids = dropped.map(\.id)
    try DatabaseConnection.writing(layout.index) { db in
      for id in ids {
        try db.execute(sql: "DELETE FROM outputs WHERE result = ?", arguments: [id])
        try db.execute(sql: "DELETE FROM results WHERE id = ?", arguments: [id])
      }
    }
    note("dropped \(dropped.count) results that name what is gone; their nodes run again")
  }

  private func isWhole(_ result: IndexRows.Result) throws(StoreError) -> Bool {
    guard case .right = try Preimage.check(of: result.key, kind: result.kind, in: objects) else {
      return false
    }
    return result.outputs.allSatisfy { objects.contains($0.object) }
  }

  /// Runs that have ended, and have no record any more.
  private mutating func dropRuns() throws(StoreError) {
    let rows = try DatabaseConnection.reading(layout.index) { db in
      try Row.fetchAll(db, sql: "SELECT id, workflow, status, commit_id FROM runs ORDER BY id").map
      {
        (
          id: $0[0] as String, workflow: $0[1] as String, status: $0[2] as String,
          commit: $0[3] as String?
        )
      }
    }
    let gone = rows.filter { row in
      RunStatus(rawValue: row.status)?.hasRecord == true
        && FileSystem.size(ofFileAt: "\(layout.runs)/\(row.id)/run.json") == nil
        && !FileSystem.isFolder("\(layout.runs)/\(StoreLayout.goneRunPrefix)\(row.id)")
    }
    guard !gone.isEmpty else { return }
    let lines = gone.map { row -> String in
      let json: JSON = [
        "id": .string(row.id), "workflow": .string(row.workflow), "status": .string(row.status),
        "commit": JSON(row.commit),
      ]
      return json.compactText
    }
    try quarantine.keep(lines, in: "runs.jsonl")
    try DatabaseConnection.writing(layout.index) { db in
      for row in gone {
        try db.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [row.id])
      }
    }
    note("took \(gone.count) runs without a record from the list")
  }

  // MARK: Rows from records

  /// Lists the runs whose records are there, with the results that they name.
  private mutating func listRuns() throws(StoreError) {
    let listed = try DatabaseConnection.reading(layout.index) { db in
      Set(try String.fetchAll(db, sql: "SELECT id FROM runs"))
    }
    var records: [RecordedRun] = []
    for id in try FileSystem.names(in: layout.runs) ?? []
    where RunFolder.isID(id) && !listed.contains(id) {
      let folder = RunFolder(id: id, path: "\(layout.runs)/\(id)")
      guard FileSystem.isFolder(folder.path),
        case .whole(let json) = try RunFiles.check(folder).record
      else { continue }
      records.append(RecordedRun(id: id, json))
    }
    guard !records.isEmpty else { return }
    let (runs, objects) = (records, objects)
    try DatabaseConnection.writing(layout.index) { db in
      for run in runs {
        try run.insert(db)
        for result in run.results where objects.find(result.key) != nil {
          try result.insertIfNew(db, objects)
        }
      }
    }
    note("listed \(records.count) runs from their records")
  }
}

extension IndexRows.Result {
  fileprivate var json: JSON {
    [
      "key": .string(key.hex), "kind": .string(kind), "run": .string(run),
      "outputs": .array(
        outputs.map { output in
          [
            "part": .string(output.part), "sha256": .string(output.object.digest.hex),
            "size": JSON(output.object.size),
          ]
        }
      ),
    ]
  }
}
