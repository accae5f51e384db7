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
  @OptionGroup var reuse: ReuseOptions
  @OptionGroup var exports: ExportOptions
  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "Read the workflow and all its files as they were at a commit, tag, branch or run.",
      valueName: "commit"
    )
  )
  var at: String?

  @Flag(help: "Write the digests of all results to the lock file beside the workflow.")
  var lock = false

  @Flag(help: "Stop everything at the first failure, not only what depends on it.")
  var failFast = false

  @Option(name: .shortAndLong, help: "Local steps at once; as many as cores where not given.")
  var jobs: Int?

  @Option(help: ArgumentHelp("Log the requests to embedded models to a file.", visibility: .hidden))
  var requestLog: String?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs wants 1 or more, not \(jobs)") }
    if lock, at != nil {
      throw ValidationError("--lock writes beside the present workflow, and --at reads another one")
    }
    if lock, !options.parameters.isEmpty {
      throw ValidationError("a lock is of the workflow as written; leave --set out")
    }
  }

  func run() async throws {
    if let at { return try await run(at: at) }
    let workflow = try Session.load(options, common)
    try check(workflow)
    try await CommandErrors.handled {
      let store = try await Session.openStore(workflow, common)
      try finish(try await store.closing { try await run(workflow, store) })
    }
  }

  private func check(_ workflow: CheckedWorkflow) throws {
    try spending.check(workflow, common)
    try reuse.check(workflow, common)
    try TableOutput.check(workflow, common)
  }

  private func run(at revision: String) async throws {
    try await CommandErrors.handled {
      let path = try StoreLocation.find(
        option: common.cache,
        workflowFolder: ExistingFolder.above(options.workflow)
      )
      let store = try await Store.opened(at: path, mode: .create)
      try finish(try await store.closing { try await run(at: revision, store) })
    }
  }

  private func run(at revision: String, _ store: Store) async throws -> RunReport {
    let path = options.workflow
    let restored = try await ProblemOutput.orExit(common) {
      try await RestoredWorkflow.restore(revision, workflow: path, into: store)
    }
    defer { restored.remove() }
    var moved = options
    moved.workflow = restored.path
    let workflow = try Session.load(moved, common, library: restored.library)
    try check(workflow)
    return try await run(workflow, store, restored)
  }

  private func run(
    _ workflow: CheckedWorkflow,
    _ store: Store,
    _ restored: RestoredWorkflow? = nil
  ) async throws -> RunReport {
    // An address that cannot be used ends the run before it begins.
    let targets = try exports.targets()
    let slots = jobs ?? ProcessInfo.processInfo.activeProcessorCount
    let settings = RunSettings(localSlots: slots, isFailFast: failFast, pools: workflow.pools)
    return try await RunDriver(
      workflow: workflow,
      store: store,
      common: common,
      settings: settings,
      spending: spending,
      reuse: reuse,
      requestLog: requestLog,
      restored: restored,
      exports: targets,
      writesLock: lock
    ).run()
  }

  private func finish(_ report: RunReport) throws { try report.finish() }
}

extension RunReport {
  /// Ends the command with the code that the run asks for.
  func finish() throws {
    switch summary.status {
    case .succeeded: return
    case .paused: throw ExitStatus.paused
    case .interrupted: throw stop ?? ExitStatus.interrupted
    case .failed:
      if isDamaged { throw ExitStatus.damagedCache }
      throw summary.hasBadRows ? ExitStatus.badRows : ExitStatus.failed
    }
  }
}
