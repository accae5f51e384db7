import ArgumentParser
import Engine
import Foundation
import Primitives
import Store
import Workflow

/// Runs a workflow; what is in the cache is not done again.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a workflow; go on where an earlier run was cut off.",
    discussion: """
      There is no resume flag: what is in the cache is reused, and only calls without a recorded \
      answer are made. Ctrl-C once stops sending and keeps what is in flight; twice ends at once. \
      A budget or quota that is used up pauses the run (exit code 4).
      """
  )

  @OptionGroup var options: WorkflowOptions
  @OptionGroup var spending: SpendingOptions
  @OptionGroup var common: CommonOptions

  @Flag(help: "Stop everything at the first failure, not only what depends on it.")
  var failFast = false

  @Option(name: .shortAndLong, help: "Local steps at once; as many as cores where not given.")
  var jobs: Int?

  @Option(help: ArgumentHelp("Log the requests to embedded models to a file.", visibility: .hidden))
  var requestLog: String?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs wants 1 or more, not \(jobs)") }
  }

  func run() async throws {
    let workflow = try Session.load(options, common)
    try spending.check(workflow, common)
    try await CommandErrors.handled {
      let store = try await Session.openStore(workflow, common)
      try finish(try await store.closing { try await run(workflow, store) })
    }
  }

  private func run(_ workflow: CheckedWorkflow, _ store: Store) async throws -> RunReport {
    let slots = jobs ?? ProcessInfo.processInfo.activeProcessorCount
    let settings = RunSettings(localSlots: slots, isFailFast: failFast, pools: workflow.pools)
    return try await RunDriver(
      workflow: workflow,
      store: store,
      common: common,
      settings: settings,
      spending: spending,
      requestLog: requestLog
    ).run()
  }

  private func finish(_ report: RunReport) throws {
    switch report.summary.status {
    case .succeeded: return
    case .paused: throw ExitStatus.paused
    case .interrupted: throw report.stop ?? ExitStatus.interrupted
    case .failed:
      if report.isDamaged { throw ExitStatus.damagedCache }
      throw report.summary.hasBadRows ? ExitStatus.badRows : ExitStatus.failed
    }
  }
}
