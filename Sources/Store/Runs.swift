import Foundation
import GRDB
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The list of runs, and their folders.
package struct Runs: Sendable {
  let index: DatabaseFile
  let layout: StoreLayout
  let owner: Owner?

  /// Begins a run: gives it an id, a folder and a row, which power loss leaves in the list.
  package func begin(workflow: String, commit: String?) async throws(StoreError) -> RunFolder {
    guard let owner else { throw .readOnly(path: layout.path) }
    let begun = try await Blocking.storeWork { () throws(StoreError) in
      while true {
        let made = folder(Runs.newID())
        guard try FileSystem.makeFolder(made.path) else { continue }
        try FileSystem.makeFolder("\(made.path)/logs")
        try FileSystem.synchronizeFolder(layout.runs)
        return made
      }
    }
    try await index.write(.milestone) { db in
      try db.execute(
        sql: """
          INSERT INTO runs (id, workflow, started_at, status, commit_id, owner)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          begun.id, workflow, WallClock.milliseconds, RunStatus.running.rawValue, commit,
          owner.token,
        ]
      )
    }
    return begun
  }

  package func finish(_ id: String, status: RunStatus) async throws(StoreError) {
    try await update(
      id,
      sql: "UPDATE runs SET status = ?, ended_at = ? WHERE id = ?",
      [status.rawValue, WallClock.milliseconds, id]
    )
  }

  package func setCommit(_ id: String, _ commit: String) async throws(StoreError) {
    try await update(id, sql: "UPDATE runs SET commit_id = ? WHERE id = ?", [commit, id])
  }

  private func update(
    _ id: String,
    sql: String,
    _ arguments: StatementArguments
  ) async throws(StoreError) {
    try await index.write { db in
      try db.execute(sql: sql, arguments: arguments)
      guard db.changesCount == 1 else { throw StoreError.noSuchRun(id) }
    }
  }

  package func folder(_ id: String) -> RunFolder {
    RunFolder(id: id, path: "\(layout.runs)/\(id)")
  }

  /// All runs, the newest first.
  package func list() async throws(StoreError) -> [RunInfo] {
    try await index.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, workflow, started_at, ended_at, status, commit_id, owner FROM runs
          ORDER BY started_at DESC, id DESC
          """
      ).map { try info($0) }
    }
  }

  /// The run that an id, the beginning of one, or `last` means.
  ///
  /// - Throws: `.noSuchRun`, `.ambiguousRun`.
  package func find(_ name: String) async throws(StoreError) -> RunInfo {
    let runs = try await list()
    if name == "last" {
      guard let newest = runs.first else { throw .noSuchRun(name) }
      return newest
    }
    if let exact = runs.first(where: { UTF8Order.equal($0.id, name) }) { return exact }
    let fitting = runs.filter { $0.id.utf8.starts(with: name.utf8) }
    guard let first = fitting.first else { throw .noSuchRun(name) }
    guard fitting.count == 1 else {
      throw .ambiguousRun(name, candidates: fitting.map(\.id))
    }
    return first
  }

  private func info(_ row: Row) throws(StoreError) -> RunInfo {
    let text: String = row[4]
    guard let status = RunStatus(rawValue: text) else {
      throw .damagedFile(path: index.path, reason: "a run has the unknown status '\(text)'")
    }
    return RunInfo(
      id: row[0],
      workflow: row[1],
      startedAt: row[2],
      endedAt: row[3],
      status: status,
      commit: row[5],
      isLive: status == .running && Owner.isAlive(row[6], in: layout.locks)
    )
  }

  private static func newID() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let numbers = [
      Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour),
      Int(parts.tm_min), Int(parts.tm_sec),
    ].map { $0 < 10 ? "0\($0)" : "\($0)" }
    let random = Owner.newToken().prefix(6)
    return "\(numbers[..<3].joined())-\(numbers[3...].joined())-\(random)"
  }
}
