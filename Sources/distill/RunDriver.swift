import Downloads
import Engine
import Execution
import Exports
import Foundation
import ModelService
import Primitives
import Store
import Synchronization
import Transfer
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
  let spending: SpendingOptions
  let reuse: ReuseOptions
  let requestLog: String?
  /// The commit whose files these are; nil for those of the worktree.
  var restored: RestoredWorkflow?
  /// Other services that are told of the run.
  var exports = ExportTargets()
  /// Whether a run that succeeds writes the workflow's lock.
  var writesLock = false

  func run() async throws -> RunReport {
    let folder = try await store.runs.begin(workflow: workflow.name, commit: nil)
    do {
      return try await run(in: folder)
    } catch let status as ExitStatus where status.isStop {
      try await store.runs.finish(folder.id, status: .interrupted)
      throw status
    } catch {
      try await store.runs.finish(folder.id, status: .failed)
      throw error
    }
  }

  private func run(in folder: RunFolder) async throws -> RunReport {
    let start = ContinuousClock.now
    let startedAt = Int64(Date().timeIntervalSince1970 * 1000)
    let display = ProgressDisplay(common)
    let terms = SpendingTerms(workflow, runID: folder.id, options: spending)
    let throttle = Throttle(interval: .seconds(2))
    let session = try await Session.open(
      workflow,
      common,
      runID: folder.id,
      round: try await round(folder),
      terms: terms,
      isSpending: true,
      store: store,
      requestLog: requestLog,
      library: restored?.library,
      sources: access(display),
      asking: reuse.asking(missing: MissingList(folder))
    ) { id, progress in
      let event = RunEvent.progress(id, progress)
      display.show(event)
      // For `distill status`, which looks at the events from outside.
      if throttle.lets(id, progress) { try? folder.appendEvent(event.json) }
    }
    try await plan(session, display)
    let git = try await pin(session, folder.id)
    if let commit = git.commit { try await store.runs.setCommit(folder.id, commit) }
    let draft = RunDraft(
      id: folder.id,
      git: git,
      startedAt: startedAt,
      models: try await session.modelsJSON(),
      restored: restored
    )
    let told = RunExports(exports, record: draft.record(workflow, session.engine.files), store)

    let stopping = StopFlag()
    let outcomes = try await outcomes(session, folder, display, told, stopping)
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
    let record = draft.record(workflow, session.engine.files, summary, outcomes)
    try await folder.writeRecord(record)
    try await store.runs.finish(folder.id, status: summary.storedStatus)
    await told.finish(record: record, store)
    // What a commit's run saves would not belong to the worktree.
    if restored == nil { try await TableOutput.save(outcomes, workflow, store) }
    if writesLock, summary.status == .succeeded {
      try await LockOutput.write(session.engine.lock(outcomes), of: workflow)
    }
    let account = try await RunAccount.read(outcomes, terms, runID: folder.id, store.ledger)
    display.end(summary, account, common)
    if common.json {
      Terminal.output(summary.json.adding(account.json))
    } else {
      try await TableOutput.print(outcomes, workflow, store)
    }
    return RunReport(
      summary: summary,
      isDamaged: outcomes.contains { $0.failure?.isDamage == true },
      stop: stopping.value
    )
  }

  /// The runs whose fresh answers count: a run that was cut off is gone on with.
  private func round(_ folder: RunFolder) async throws -> [String]? {
    guard let scope = reuse.scope(commit: restored?.source?.commit) else { return nil }
    let round = try await store.runs.beginRound(folder, workflow: workflow.name, scope: scope)
    if let first = round.dropLast().first, !common.quiet, !common.json {
      Terminal.error(
        "going on with run \(first), which did not succeed: what was bought anew since then counts"
      )
    }
    return round
  }

  /// Data from elsewhere is fetched before anything else is done, unless the run is frozen.
  private func access(_ display: ProgressDisplay) -> SourceShelf.Access {
    guard !reuse.frozen else { return .frozen }
    var fetching = SourceShelf.Fetching(client: TransferClient())
    let shown = SourceDisplay(display, common)
    fetching.report = { shown.show($0) }
    return .open(fetching)
  }

  /// Fetches and prepares what is free, and shows what is to come; data or templates that are wrong
  /// end the run here, before anything is sent.
  private func plan(_ session: Session, _ display: ProgressDisplay) async throws {
    let plan: Plan
    do {
      plan = try await prepared(session, display)
      guard plan.isComplete else {
        ProblemOutput.show(plan.problems + plan.warnings, common)
        throw ExitStatus.usage
      }
    } catch {
      await session.end()
      throw error
    }
    if !common.quiet, !common.json { ProblemOutput.show(plan.warnings, common) }
    guard !common.quiet, !common.json else { return }
    let budget = try await BudgetState.ofWorkflow(workflow, store.ledger)
    let report = PlanReport(plan: plan, workflow: workflow, budget: budget)
    for line in PlanText.summary(report, cache: store.path) { Terminal.error(line) }
  }

  /// The plan; while data is being fetched a signal ends the run, and what came is kept.
  private func prepared(_ session: Session, _ display: ProgressDisplay) async throws -> Plan {
    let engine = session.engine
    // What a past run did is repeated, overlap and all.
    let refusesOverlap = restored == nil
    // Anything else is quick, and a signal may end the process as it ends any other.
    guard try await engine.hasToFetch() else {
      return try await engine.plan(refusesOverlap: refusesOverlap)
    }
    let stopping = StopFlag()
    let plan = await StoppableWork.result { status in
      stopping.set(status)
      display.note("stopping: what was fetched is kept (again to end now)")
    } _: {
      try await engine.plan(refusesOverlap: refusesOverlap)
    }
    if let status = stopping.value { throw status }
    return try plan.get()
  }

  private func outcomes(
    _ session: Session,
    _ folder: RunFolder,
    _ display: ProgressDisplay,
    _ told: RunExports,
    _ stopping: StopFlag
  ) async throws -> [InstanceOutcome] {
    let stops = AsyncStream<Void>.makeStream()
    let telling = Task { for await _ in stops.stream { await tellOfJobs(folder.id, display) } }
    let clock = Task { while (try? await Task.sleep(for: .seconds(1))) != nil { display.tick() } }
    let outcomes = await StoppableWork.result { status in
      stopping.set(status)
      display.note("stopping: no new calls; waiting for those in flight (again to end now)")
      stops.continuation.yield()
    } _: {
      try await session.engine.run(settings, runID: folder.id) { event in
        display.show(event)
        told.show(event)
        // An event that cannot be written does not end the run; the record will say what happened.
        try? folder.appendEvent(event.json)
      }
    }
    stops.continuation.finish()
    clock.cancel()
    for task in [telling, clock] { await task.value }
    return try outcomes.get()
  }

  /// At the first signal, since a second one ends the process without a word.
  private func tellOfJobs(_ runID: String, _ display: ProgressDisplay) async {
    let jobs = try? await OpenJobs.of(runID: runID, account: workflow.name, in: store.ledger)
    for job in jobs ?? [] { display.note(OpenJobs.text(job, common)) }
  }
}

/// Which signal stopped the run, if one did.
private final class StopFlag: Sendable {
  private let status = Mutex<ExitStatus?>(nil)

  var value: ExitStatus? { status.withLock { $0 } }

  func set(_ new: ExitStatus) { status.withLock { $0 = $0 ?? new } }
}
