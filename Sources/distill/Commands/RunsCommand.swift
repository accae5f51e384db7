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
      var runs: [JSON] = []
      for run in try await store.runs.list() {
        let spending = try await store.ledger.known(Budget.run(run.id))
        if common.json {
          runs.append(RunText.json(run, spending))
        } else {
          Terminal.output(RunText.line(run, spending))
        }
      }
      if common.json {
        Terminal.output(["type": "runs", "version": 1, "runs": .array(runs)])
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
      let money = try await RunMoney.read(info, store.ledger)
      let progress = RunProgress(events)
      if common.json {
        Terminal.output([
          "type": "status", "version": 1, "run": RunText.json(info, money.run),
          "progress": progress.json, "in_doubt": JSON(money.inDoubt),
          "workflow_money": money.workflow.map(SpendingText.json) ?? .null,
          "open_jobs": .array(money.jobs.map { .string($0.tag) }),
        ])
      } else {
        Terminal.output(RunText.line(info, money.run))
        for line in progress.lines + money.lines { Terminal.output("  \(line)") }
      }
    }
  }
}

/// What a run and its workflow cost so far, and what is left open.
private struct RunMoney {
  let run: Spending?
  let workflow: Spending?
  let inDoubt: Int
  let jobs: [RemoteJob]

  static func read(_ run: RunInfo, _ ledger: Ledger) async throws -> RunMoney {
    guard let own = try await ledger.known(Budget.run(run.id)) else {
      return RunMoney(run: nil, workflow: nil, inDoubt: 0, jobs: [])
    }
    return RunMoney(
      run: own,
      workflow: try await ledger.known(run.workflow),
      inDoubt: try await ledger.inDoubt().count,
      jobs: try await OpenJobs.of(runID: run.id, account: run.workflow, in: ledger)
    )
  }

  var lines: [String] {
    var lines = workflow.map { ["all runs of the workflow: \(SpendingText.of($0))"] } ?? []
    if inDoubt > 0 {
      lines.append(
        "\(Amounts.count(inDoubt, "call")) in doubt: sent, and no answer known; 'distill calls' "
          + "lists them"
      )
    }
    return lines + jobs.map { OpenJobs.text($0) }
  }
}

extension Ledger {
  /// What an account committed; nil in a store of an earlier release, which cannot tell.
  fileprivate func known(_ account: String) async throws -> Spending? {
    do {
      return try await spending(account: account)
    } catch StoreError.olderFormat {
      return nil
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
      let store = try await Store.opened(at: path, mode: mode)
      try await store.closing { try await body(store) }
    }
  }
}

/// A run in one line, or as JSON.
enum RunText {
  static func line(_ run: RunInfo, _ spending: Spending?) -> String {
    let commit = run.commit.map { " at \($0.prefix(10))" } ?? ""
    let money = spending.map(SpendingText.of) ?? "cost unknown"
    return "\(run.id)  \(status(run))  \(ForeignText.line(run.workflow))\(commit)  \(money)"
  }

  /// A run that says it is going while nobody holds its lock was killed.
  private static func status(_ run: RunInfo) -> String {
    run.status == .running && !run.isLive ? "killed" : run.status.rawValue
  }

  static func json(_ run: RunInfo, _ spending: Spending?) -> JSON {
    [
      "id": .string(run.id), "workflow": .string(run.workflow), "status": .string(status(run)),
      "live": .bool(run.isLive), "commit": JSON(run.commit),
      "started_at_ms": .integer(run.startedAt),
      "ended_at_ms": run.endedAt.map(JSON.integer) ?? .null,
      "money": spending.map(SpendingText.json) ?? .null,
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
