import ArgumentParser
import Foundation
import Primitives
import Store

/// Lists the runs of a store.
struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List the runs in the cache, newest first."
  )

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let runs = try await store.runs.list()
      if common.json {
        Terminal.output(["type": "runs", "version": 1, "runs": .array(runs.map(RunText.json))])
      } else {
        for run in runs { Terminal.output(RunText.line(run)) }
      }
    }
  }
}

/// Shows which runs are going and how far they are.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the newest run, or a named one, and how far it is."
  )

  @Argument(help: "A run's id or the start of it; the newest where not given.")
  var run = "last"

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let info = try await store.runs.find(run)
      let events = try await store.runs.folder(info.id).readEvents()
      let doubts = try await store.ledger.inDoubt().count
      let progress = RunProgress(events)
      if common.json {
        Terminal.output([
          "type": "status", "version": 1, "run": RunText.json(info), "progress": progress.json,
          "in_doubt": JSON(doubts),
        ])
      } else {
        Terminal.output(RunText.line(info))
        for line in progress.lines { Terminal.output("  \(line)") }
        if doubts > 0 { Terminal.output("  \(doubts) calls in doubt: sent, and no answer known") }
      }
    }
  }
}

/// Opens the store that the current folder belongs to, without changing anything in it.
enum StoreCommand {
  static func with(
    _ common: CommonOptions,
    mode: Store.Mode = .readOnly,
    _ body: (Store) async throws -> Void
  ) async throws {
    try await CommandErrors.handled {
      let path = try StoreLocation.find(
        option: common.cache,
        workflowFolder: FileManager.default.currentDirectoryPath
      )
      let store = try await Store.open(at: path, mode: mode)
      try await store.closing { try await body(store) }
    }
  }
}

/// A run in one line, or as JSON.
enum RunText {
  static func line(_ run: RunInfo) -> String {
    let commit = run.commit.map { " at \($0.prefix(10))" } ?? ""
    return "\(run.id)  \(status(run))  \(run.workflow)\(commit)"
  }

  /// A run that says it is going while nobody holds its lock was killed.
  private static func status(_ run: RunInfo) -> String {
    run.status == .running && !run.isLive ? "killed" : run.status.rawValue
  }

  static func json(_ run: RunInfo) -> JSON {
    [
      "id": .string(run.id), "workflow": .string(run.workflow), "status": .string(status(run)),
      "live": .bool(run.isLive), "commit": JSON(run.commit),
      "started_at_ms": .integer(run.startedAt),
      "ended_at_ms": run.endedAt.map(JSON.integer) ?? .null,
    ]
  }
}

/// What the events of a run say about how far it is.
struct RunProgress {
  private var total = 0
  private var ended: [String: Int] = [:]
  private var running: [(id: String, done: Int, total: Int)] = []

  init(_ events: [JSON]) {
    for event in events {
      let id = event["instance"]?.string ?? ""
      switch event["type"]?.string {
      case "start": total = event["instances"]?.int ?? 0
      case "instance-start": running.append((id, 0, 0))
      case "progress":
        guard let index = running.firstIndex(where: { $0.id == id }) else { continue }
        running[index].done = event["done"]?.int ?? 0
        running[index].total = event["total"]?.int ?? 0
      case "instance":
        running.removeAll { $0.id == id }
        ended[event["status"]?.string ?? "", default: 0] += 1
      default: continue
      }
    }
  }

  private var endedList: [(key: String, value: Int)] { ended.sorted { $0.key < $1.key } }

  var lines: [String] {
    let done = ended.values.reduce(0, +)
    let list = endedList.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return ["\(done) of \(total) instances" + (list.isEmpty ? "" : ": \(list)")]
      + running.map { step in
        step.total > 0 ? "\(step.id): \(step.done)/\(step.total) calls" : "\(step.id): going"
      }
  }

  var json: JSON {
    [
      "total": JSON(total),
      "ended": .object(JSONObject(endedList.map { ($0.key, JSON($0.value)) })),
      "running": .array(
        running.map { step in
          ["instance": .string(step.id), "done": JSON(step.done), "total": JSON(step.total)]
        }
      ),
    ]
  }
}
