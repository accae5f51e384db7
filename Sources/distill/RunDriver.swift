import Engine
import Execution
import Foundation
import ModelService
import Primitives
import Store
import Synchronization
import Workflow

/// What `run` has to tell when it is over.
struct RunReport {
  let summary: RunSummary
  let isDamaged: Bool
  /// The signal that stopped it, as the exit code it asks for.
  let stop: ExitStatus?
}

/// One run from beginning to record: pins, runs, records, saves, prints.
struct RunDriver {
  let workflow: CheckedWorkflow
  let store: Store
  let common: CommonOptions
  let settings: RunSettings
  let requestLog: String?

  func run() async throws -> RunReport {
    let start = ContinuousClock.now
    let startedAt = Int64(Date().timeIntervalSince1970 * 1000)
    let display = ProgressDisplay(common)
    let pinned = try await Session.open(workflow, common, store: store)
    let git = try await GitPin.read(workflow, pinned.engine.files)
    let folder = try await store.runs.begin(workflow: workflow.name, commit: git.commit)
    let session = try await Session.open(
      workflow,
      common,
      runID: folder.id,
      store: store,
      requestLog: requestLog
    ) { id, progress in display.show(.progress(id, progress)) }

    let stopping = StopFlag()
    let work = Task {
      try await session.engine.run(settings, runID: folder.id) { event in
        display.show(event)
        // An event that cannot be written does not end the run; the record will say what happened.
        try? folder.appendEvent(event.json)
      }
    }
    let signals = Signals.onStop { status in
      stopping.set(status)
      display.note("stopping: no new calls; waiting for those in flight (again to end now)")
      work.cancel()
    }
    defer { for signal in signals { signal.cancel() } }
    let outcomes = try await work.value
    await session.server.stop()

    var summary = RunSummary(
      id: folder.id,
      outcomes: outcomes,
      commit: git.commit,
      isDirty: git.isDirty,
      isInterrupted: stopping.value != nil,
      seconds: (ContinuousClock.now - start).seconds
    )
    summary.callsInDoubt = try await session.calls.inDoubt().count
    let record = RunRecord(
      summary: summary,
      outcomes: outcomes,
      git: git.json,
      toolVersion: Tool.version,
      startedAt: startedAt,
      models: session.modelsJSON(outcomes)
    )
    try await folder.writeRecord(record.json(workflow, session.engine.files))
    try await store.runs.finish(folder.id, status: summary.storedStatus)
    try await TableOutput.save(outcomes, workflow, store)
    await session.close()
    display.end(summary)
    if common.json {
      Terminal.output(summary.json)
    } else {
      try await TableOutput.print(outcomes, workflow, store)
    }
    return RunReport(
      summary: summary,
      isDamaged: outcomes.contains { $0.failure?.isDamage == true },
      stop: stopping.value
    )
  }
}

/// Which signal stopped the run, if one did.
private final class StopFlag: Sendable {
  private let status = Mutex<ExitStatus?>(nil)

  var value: ExitStatus? { status.withLock { $0 } }

  func set(_ new: ExitStatus) { status.withLock { $0 = $0 ?? new } }
}

extension RunSummary {
  /// The status as the store's list of runs has it.
  var storedStatus: RunStatus {
    switch status {
    case .succeeded: .succeeded
    case .failed: .failed
    case .interrupted: .interrupted
    case .paused: .paused
    }
  }
}

extension Session {
  /// The workflow's models with their identity and the names that servers gave them.
  func modelsJSON(_ outcomes: [InstanceOutcome]) -> JSON {
    let members = workflow.expansion.models.sorted { $0.key < $1.key }.map { name, model in
      (key: name, value: ModelText.json(model))
    }
    return .object(JSONObject(members))
  }
}

/// A model declaration as the run record has it.
private enum ModelText {
  static func json(_ model: ModelDeclaration) -> JSON {
    switch model.source {
    case .embedded(.shipped(let name)): ["embedded": .string(name)]
    case .embedded(.folder(let path)): ["embedded": .string(path)]
    case .endpoint(let endpoint):
      [
        "base_url": .string(endpoint.baseURL), "model": .string(endpoint.model),
        "revision": JSON(endpoint.revision),
      ]
    }
  }
}
