import ArgumentParser
import Diagnostics
import Engine
import Foundation
import Primitives
import Provenance
import Store
import Workflow

/// Runs a run again, from its own commit, parameters and files, and compares what comes out.
struct RerunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun",
    abstract: "Run a run again as it was, from its commit and parameters, and compare the outputs.",
    discussion: """
      Results that are in the cache are reused; --fresh-all computes, asks and pays for them again. \
      Exit code 1 if an output differs.
      """
  )

  @Argument(help: "A run's id or the start of it, or 'last'.")
  var run: String

  @OptionGroup var spending: SpendingOptions
  @OptionGroup var reuse: ReuseOptions
  @OptionGroup var common: CommonOptions

  @Option(name: .shortAndLong, help: "Local steps at once; as many as cores where not given.")
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs wants 1 or more, not \(jobs)") }
  }

  func run() async throws {
    try await StoreCommand.with(common, mode: .create) { store in
      let before = try await RecordLookup.record(run, store)
      let restored = try await ProblemOutput.orExit(common) {
        try await RestoredWorkflow.restore(run: before, into: store)
      }
      defer { restored.remove() }
      let (report, after) = try await run(before, restored, store)
      let outputs = try await RerunComparison.compare(before, after, store.objects)
      for line in RerunText.machine(before, after) { Terminal.error("note: \(line)") }
      if common.json {
        Terminal.output([
          "type": "rerun", "version": 1, "of": before["id"] ?? .null,
          "outputs": .array(outputs.map(\.json)),
        ])
      } else {
        for line in RerunText.table(outputs) { Terminal.output(line) }
      }
      try report.finish()
      guard outputs.allSatisfy({ $0.verdict != .differs && $0.verdict != .missing }) else {
        throw ExitStatus.failed
      }
    }
  }

  private func run(
    _ before: JSON,
    _ restored: RestoredWorkflow,
    _ store: Store
  ) async throws -> (RunReport, JSON) {
    let parameters = before["parameters"]?.object?.members ?? []
    var options = WorkflowOptions()
    options.workflow = restored.path
    options.parameters = parameters.map { "\($0.key)=\($0.value.string ?? $0.value.canonicalText)" }
    let workflow = try Session.load(options, common, library: restored.library)
    try spending.check(workflow, common)
    try reuse.check(workflow, common)
    let slots = jobs ?? ProcessInfo.processInfo.activeProcessorCount
    let report = try await RunDriver(
      workflow: workflow,
      store: store,
      common: common,
      settings: RunSettings(localSlots: slots, pools: workflow.pools),
      spending: spending,
      reuse: reuse,
      requestLog: nil,
      restored: restored
    ).run()
    return (report, try await store.runs.folder(report.summary.id).readRecord())
  }
}
