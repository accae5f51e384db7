import Engine
import Execution
import Foundation
import ModelService
import Primitives
import Store
import Synchronization
import TinyLlama
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
    let folder = try await store.runs.begin(workflow: workflow.name, commit: nil)
    do {
      return try await run(in: folder)
    } catch {
      try await store.runs.finish(folder.id, status: .failed)
      throw error
    }
  }

  private func run(in folder: RunFolder) async throws -> RunReport {
    let start = ContinuousClock.now
    let startedAt = Int64(Date().timeIntervalSince1970 * 1000)
    let display = ProgressDisplay(common)
    let session = try await Session.open(
      workflow,
      common,
      runID: folder.id,
      store: store,
      requestLog: requestLog
    ) {
      display.show(.progress($0, $1))
    }
    let git = try await GitPin.read(workflow, session.engine.files)
    if let commit = git.commit { try await store.runs.setCommit(folder.id, commit) }
    try await plan(session)

    let stopping = StopFlag()
    let outcomes = try await outcomes(session, folder, display, stopping)
    await session.end()
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
      models: try await session.modelsJSON(),
      machine: Machine.json
    )
    try await folder.writeRecord(record.json(workflow, session.engine.files))
    try await store.runs.finish(folder.id, status: summary.storedStatus)
    try await TableOutput.save(outcomes, workflow, store)
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

  /// Prepares what is free and shows what is to come; data or templates that are wrong end the run
  /// here, before anything is sent.
  private func plan(_ session: Session) async throws {
    let plan = try await session.engine.plan()
    guard plan.isComplete else {
      await session.end()
      ProblemOutput.show(plan.problems, common)
      throw ExitStatus.usage
    }
    if !common.quiet, !common.json { Terminal.error(PlanText.summary(plan, cache: store.path)) }
  }

  private func outcomes(
    _ session: Session,
    _ folder: RunFolder,
    _ display: ProgressDisplay,
    _ stopping: StopFlag
  ) async throws -> [InstanceOutcome] {
    // Nothing starts before the signals are watched for.
    let gate = AsyncStream<Void>.makeStream()
    let work = Task {
      for await _ in gate.stream {}
      return try await session.engine.run(settings, runID: folder.id) { event in
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
    gate.continuation.finish()
    return try await work.value
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
  /// The workflow's models with their identities, as keys have them.
  func modelsJSON() async throws -> JSON {
    var members: [(key: String, value: JSON)] = []
    for (name, model) in workflow.expansion.models.sorted(by: { $0.key < $1.key }) {
      let identity = try await catalog.reference(to: model).identity
      members.append((name, ["declared": ModelText.json(model), "identity": identity]))
    }
    return .object(JSONObject(members))
  }
}

/// What the machine adds to results: embedded training depends on the kernels that BLAS chooses.
private enum Machine {
  static var json: JSON {
    [
      "runtime": .string(TinyLlamaRuntime.version),
      "blas": .string(TinyLlamaRuntime.trainingKernel),
    ]
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
