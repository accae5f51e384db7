import GRDB
import Primitives

extension Store {
  /// Takes over what an archive holds.
  ///
  /// All of it is read and checked before anything is written. What is here stays and goes on to count:
  /// an answer or a result that differs is added before it. Doing it again changes nothing. What the
  /// answers had cost was spent elsewhere: it is counted for the run that they came with, and for no
  /// budget of this store. Needs the store for itself.
  ///
  /// - Throws: `.refusedArchive`, `.inUse`, or a refusal of the system.
  package func importArchive(_ path: String) async throws(StoreError) -> ArchiveReport {
    let check = try await Blocking.storeWork { () throws(StoreError) in
      try ArchiveCheck(path, objects: self.objects)
    }
    try await becomeOnlyUser()
    let result: Result<ArchiveReport, StoreError>
    do throws(StoreError) {
      result = .success(try await takeOver(check, path))
    } catch {
      result = .failure(error)
    }
    try await Blocking.storeWork { () throws(StoreError) in try self.use?.lock(.shared) }
    return try result.get()
  }

  private func takeOver(
    _ check: ArchiveCheck,
    _ path: String
  ) async throws(StoreError) -> ArchiveReport {
    let folder = runs.folder(check.run)
    var report = ArchiveReport()
    report.run = check.run
    report.isNewRun = !FileSystem.isFolder(folder.path)
    if !report.isNewRun { try requireSameRun(check, folder, path) }
    let objects = try await takeObjects(path)
    report.objects = objects.count
    report.bytes = objects.reduce(0) { $0 + $1.size }
    report.results = try await takeResults(check.results)
    try await takeCalls(path, &report)
    if report.isNewRun { try await takeRun(check, folder) }
    return report
  }

  private func requireSameRun(
    _ check: ArchiveCheck,
    _ folder: RunFolder,
    _ path: String
  ) throws(StoreError) {
    let record = check.files.first { $0.name == "run.json" }?.bytes
    guard FileSystem.size(ofFileAt: folder.recordPath) != nil,
      try FileSystem.read(folder.recordPath) == record
    else {
      throw .refusedArchive(path: path, reason: "the store has another run '\(check.run)'")
    }
  }

  /// The objects that were not here, or not whole.
  private func takeObjects(_ path: String) async throws(StoreError) -> [ObjectRef] {
    let reader = try TarReader(path)
    var taken: [ObjectRef] = []
    while let entry = try reader.next() {
      guard case .object(let digest) = RunArchive.read(entry.name) else { continue }
      let reference = ObjectRef(digest: digest, size: entry.size)
      if objects.contains(reference), (try? objects.check(digest)) != nil { continue }
      let writer = try objects.writer()
      try reader.read { (piece) throws(StoreError) in try writer.write(piece) }
      let written = try await writer.commit()
      guard written == reference else { throw reader.refused("it changed while it was read") }
      taken.append(reference)
    }
    return taken
  }

  /// Adds the results that are not here, before those that are: these go on to count.
  private func takeResults(_ results: [ResultRecord]) async throws(StoreError) -> Int {
    let objects = objects
    return try await index.write { db in
      var count = 0
      for result in results {
        let others = try Results.fetch(result.key, db, path: "")
        guard try result.insertIfNew(db, objects) else { continue }
        count += 1
        guard !others.isEmpty else { continue }
        let id = db.lastInsertedRowID
        // Under the lowest id of all: the highest of a key is the one that counts.
        let made = try Int64.fetchOne(db, sql: "SELECT max(id) FROM results") ?? id
        try db.execute(
          sql: """
            UPDATE outputs SET result = (SELECT min(id) FROM results) - 1 WHERE result = ?1;
            """,
          arguments: [made]
        )
        try db.execute(
          sql: "UPDATE results SET id = (SELECT min(id) FROM results) - 1 WHERE id = ?",
          arguments: [made]
        )
      }
      return count
    }
  }

  private func takeCalls(_ path: String, _ report: inout ArchiveReport) async throws(StoreError) {
    let calls = try await Blocking.storeWork { () throws(StoreError) in
      var calls: [ArchivedCall] = []
      _ = try ArchiveCheck(path, objects: self.objects) { (call) throws(StoreError) in
        calls.append(call)
      }
      return calls
    }
    for start in stride(from: 0, to: calls.count, by: 500) {
      let group = Array(calls[start..<min(start + 500, calls.count)])
      let merged = try await ledger.merge(group)
      report.newAttempts += merged.newAttempts
      report.otherAnswers += merged.otherAnswers
      report.answers += merged.answers
    }
    report.calls = calls.count
  }

  /// The run comes last: once it is listed, all that it names is here.
  private func takeRun(_ check: ArchiveCheck, _ folder: RunFolder) async throws(StoreError) {
    try await Blocking.storeWork { () throws(StoreError) in
      let coming = "\(self.layout.runs)/\(StoreLayout.comingRunPrefix)\(check.run)"
      try FileSystem.removeTree(coming)
      try FileSystem.makeFolders("\(coming)/logs")
      for file in check.files {
        let target = "\(coming)/\(file.name)"
        try FileSystem.replace(target, with: file.bytes, temporary: target + "-part")
      }
      try FileSystem.synchronizeFolder(coming)
      try FileSystem.rename(coming, to: folder.path)
      try FileSystem.synchronizeFolder(self.layout.runs)
    }
    let row = check.runRow
    try await index.write { db in
      try db.execute(
        sql: """
          INSERT OR IGNORE INTO runs (id, workflow, started_at, ended_at, status, commit_id, owner)
          VALUES (?, ?, ?, ?, ?, ?, '')
          """,
        arguments: [
          check.run, row["workflow"]?.string ?? "", row["started_at"]?.integer ?? 0,
          row["ended_at"]?.integer, row["status"]?.string ?? RunStatus.failed.rawValue,
          row["commit"]?.string,
        ]
      )
    }
  }
}
