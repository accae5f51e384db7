import Foundation
import GRDB
import Primitives

extension Store {
  /// Reads every byte of the store and says what is not as it was written.
  ///
  /// Calls back with the number of objects read so far. Damage is reported, not thrown; what is
  /// thrown are refusals of the system.
  package func verify(
    progress: (@Sendable (Int) -> Void)? = nil
  ) async throws(StoreError) -> VerifyReport {
    var report = VerifyReport()
    try await verifyObjects(&report, progress)
    try await verifyDatabase(index, &report)
    try await verifyDatabase(ledger.database, &report)
    // A malformed database would only repeat itself.
    guard !report.problems.contains(where: { $0.kind == .damagedDatabase }) else { return report }
    try await verifyResults(&report)
    try await verifyAnswers(&report)
    return report
  }

  private func verifyObjects(
    _ report: inout VerifyReport,
    _ progress: (@Sendable (Int) -> Void)?
  ) async throws(StoreError) {
    var entries = try await Blocking.storeWork { () throws(StoreError) in
      try self.objects.strayEntries()
    }
    note(entries, damage: [:], &report)
    for prefix in ObjectStore.folderNames {
      let damage: [Digest: Digest]
      (entries, damage) = try await Blocking.storeWork { () throws(StoreError) in
        let entries = try self.objects.entries(inFolder: prefix)
        var damage: [Digest: Digest] = [:]
        for case .object(let object) in entries {
          do throws(StoreError) {
            try self.objects.check(object.digest)
          } catch .damagedObject(let digest, _, let found) {
            damage[digest] = found
          }
        }
        return (entries, damage)
      }
      note(entries, damage: damage, &report)
      progress?(report.objects)
    }
  }

  private func note(
    _ entries: [ObjectStore.Entry],
    damage: [Digest: Digest],
    _ report: inout VerifyReport
  ) {
    for entry in entries {
      switch entry {
      case .temporary: break
      case .foreign(let path):
        report.add(
          .foreignFile,
          "'\(path)' is no object",
          hint: "move it away; the store never reads it"
        )
      case .object(let object):
        report.objects += 1
        report.bytes += object.size
        guard let found = damage[object.digest] else { continue }
        report.add(
          .damagedObject,
          """
          object \(object.digest.hex): the bytes at '\(objects.path(of: object.digest))' have \
          digest \(found.hex)
          """,
          hint: "remove that file; 'distill run' makes it again"
        )
      }
    }
  }

  private func verifyDatabase(
    _ database: DatabaseFile,
    _ report: inout VerifyReport
  ) async throws(StoreError) {
    let hint = "keep a copy, then recover what can be with sqlite3's '.recover'"
    do throws(StoreError) {
      let lines = try await database.read { db in
        try String.fetchAll(db, sql: "PRAGMA integrity_check(20)")
      }
      for line in lines where line != "ok" {
        report.add(.damagedDatabase, "'\(database.path)': \(line)", hint: hint)
      }
    } catch .damagedDatabase(let path, let reason) {
      report.add(.damagedDatabase, "'\(path)': \(reason)", hint: hint)
    }
  }

  private func verifyResults(_ report: inout VerifyReport) async throws(StoreError) {
    let named = try await index.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT r.kind, r.key, o.part, o.digest, o.size
          FROM results r JOIN outputs o ON o.result = r.id
          UNION ALL SELECT kind, key, 'preimage', key, NULL FROM results ORDER BY 2
          """
      ).map { row in
        (
          kind: row[0] as String, key: try row.digest(at: 1, in: self.index.path),
          part: row[2] as String, digest: try row.digest(at: 3, in: self.index.path),
          size: row[4] as Int?
        )
      }
    }
    let missing = try await Blocking.storeWork { () throws(StoreError) in
      named.filter { item in
        guard let found = self.objects.find(item.digest) else { return true }
        return item.size.map { $0 != found.size } ?? false
      }
    }
    for item in missing {
      report.add(
        .missingOutput,
        """
        the \(item.part) of the \(item.kind) result \(item.key.hex): object \(item.digest.hex) is \
        not there at its size
        """,
        hint: "'distill run' makes it again"
      )
    }
  }

  /// Goes through all attempts with an answer, the selected ones and the others.
  private func verifyAnswers(_ report: inout VerifyReport) async throws(StoreError) {
    var last: Int64 = 0
    while true {
      let page = try await ledger.checkAnswers(after: last, limit: 500)
      for problem in page.problems { report.problems.append(problem) }
      report.answers += page.count
      guard let end = page.last else { return }
      last = end
    }
  }
}
