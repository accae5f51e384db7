import GRDB
import Primitives

extension StoreAudit {
  mutating func auditRuns() throws(StoreError) {
    let listed = try listedRuns()
    let names = try FileSystem.names(in: layout.runs) ?? []
    for name in names {
      let path = "\(layout.runs)/\(name)"
      if name.hasPrefix(StoreLayout.goneRunPrefix) || name.hasPrefix(StoreLayout.comingRunPrefix) {
        report.leftovers.append(path)
      } else if RunFolder.isID(name), FileSystem.isFolder(path) {
        try auditRun(RunFolder(id: name, path: path), listed)
      } else if !name.hasPrefix("."), name != "README.md" {
        report.add(.foreignFile, at: path, "'\(path)' is no run")
      }
    }
    for (id, status) in listed ?? [:]
    where status.hasRecord && !names.contains(id)
      && !names.contains(StoreLayout.goneRunPrefix + id)
    {
      report.add(
        .damagedRun,
        at: "\(layout.runs)/\(id)",
        "run '\(id)' is listed, and has no folder"
      )
    }
  }

  /// The runs that the index lists; nil if it cannot be asked.
  private func listedRuns() throws(StoreError) -> [String: RunStatus]? {
    let broken = report.problems.contains { problem in
      problem.kind == .damagedDatabase && UTF8Order.equal(problem.place, layout.index)
    }
    guard !broken else { return nil }
    return try DatabaseConnection.reading(layout.index) { db in
      var runs: [String: RunStatus] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT id, status FROM runs") {
        runs[row[0]] = RunStatus(rawValue: row[1] as String) ?? .running
      }
      return runs
    }
  }

  private mutating func auditRun(
    _ run: RunFolder,
    _ listed: [String: RunStatus]?
  ) throws(StoreError) {
    for name in try FileSystem.names(in: run.path) ?? [] where name.hasPrefix(".run.json-") {
      report.leftovers.append("\(run.path)/\(name)")
    }
    let state = try RunFiles.check(run)
    if let reason = state.record.reason { report.add(.damagedRun, at: run.recordPath, reason) }
    if let reason = state.events { report.add(.damagedRun, at: run.eventsPath, reason) }
    guard let listed else { return }
    if case .whole = state.record, listed[run.id] == nil {
      report.add(.unlistedRun, at: run.path, "run '\(run.id)' is not in the list of runs")
    } else if case .missing = state.record, listed[run.id]?.hasRecord == true {
      report.add(.damagedRun, at: run.recordPath, "run '\(run.id)' has ended, and has no record")
    }
  }
}

extension RunStatus {
  /// Whether the record was written before this was: it comes first.
  var hasRecord: Bool { self != .running && self != .failed }
}

/// Whether a run's files read.
struct RunFiles {
  enum Record {
    case whole(JSON)
    case missing
    case damaged(String)

    var reason: String? { if case .damaged(let reason) = self { reason } else { nil } }
  }

  let record: Record
  /// What is wrong with the events; nil if nothing is.
  let events: String?

  static func check(_ run: RunFolder) throws(StoreError) -> RunFiles {
    let record = try record(run)
    // Of a run that was cut off power loss may have taken any part of the events.
    if case .missing = record { return RunFiles(record: record, events: nil) }
    let lines = try eventLines(run, record)
    let count = lines.damaged.count
    let damage = "\(count) of \(count + lines.whole.count) lines do not read"
    return RunFiles(record: record, events: count == 0 ? nil : damage)
  }

  /// The lines of a run's events, with sums where its record says that there are any.
  static func eventLines(_ run: RunFolder) throws(StoreError) -> EventLines {
    try eventLines(run, record(run))
  }

  private static func eventLines(_ run: RunFolder, _ record: Record) throws(StoreError)
    -> EventLines
  {
    guard FileSystem.size(ofFileAt: run.eventsPath) != nil else {
      return EventLines([], mustHaveSums: false)
    }
    let isSealed = if case .whole(let json) = record { RunSeal.isSealed(json) } else { false }
    return EventLines(try FileSystem.read(run.eventsPath), mustHaveSums: isSealed)
  }

  private static func record(_ run: RunFolder) throws(StoreError) -> Record {
    guard run.hasRecord else { return .missing }
    switch RunSeal.open(try FileSystem.read(run.recordPath)) {
    case .failure(let damage): return .damaged(damage.reason)
    case .success(let record):
      // What is no record of ours is left to whoever wrote it, but an id must be this run's.
      guard let id = record["id"]?.string, !UTF8Order.equal(id, run.id) else {
        return .whole(record)
      }
      return .damaged("it is the record of run '\(id)'")
    }
  }
}
