import Execution
import Primitives
import Schedule
import Store
import Workflow

extension Engine {
  /// Runs what is not there yet.
  ///
  /// A failed instance stops only what depends on it. Cancelling the task ends the run as
  /// interrupted: calls in flight are finished and kept, nothing new is sent.
  package func run(
    _ settings: RunSettings,
    runID: String,
    observe: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> [InstanceOutcome] {
    observe(
      .started(
        runID: runID,
        workflow: workflow.name,
        instances: workflow.expansion.instances.count
      )
    )
    let board = YieldBoard()
    var graph = ScheduleGraph(steps(), limits: settings.limits)
    var outcomes: [InstanceID: InstanceOutcome] = [:]
    await graph.run { id in
      let outcome = await one(id, board, runID, observe)
      await board.add(outcome)
      observe(.instanceEnded(outcome))
      return outcome.yield != nil
    } ended: { id, succeeded, skipped in
      outcomes[id] = await board.outcome(of: id)
      let isStop = outcomes[id]?.status == .interrupted
      for other in skipped {
        let outcome = skip(
          other,
          because: isStop ? "not reached: the run was stopped" : "needs '\(id)', which failed"
        )
        outcomes[other] = outcome
        observe(.instanceEnded(outcome))
      }
      return succeeded || !settings.isFailFast
    }
    return workflow.expansion.instances.map { instance in
      outcomes[instance.id] ?? notStarted(instance)
    }
  }

  private func steps() -> [ScheduleStep<InstanceID>] {
    workflow.expansion.instances.map { instance in
      let kind = Self.runnable(instance)
      let own: [String] =
        switch kind.work {
        case .preparation, .local: [RunSettings.localPool]
        case .training: [RunSettings.trainingPool]
        case .calls: []
        }
      return ScheduleStep(
        id: instance.id,
        dependencies: resolver.dependencies(of: instance.id),
        weight: Self.weight(kind.work),
        pools: own + kind.pools(of: instance)
      )
    }
  }

  /// Rough durations: calls and training are what a run waits for.
  private static func weight(_ work: WorkClass) -> Double {
    switch work {
    case .preparation, .local: 1
    case .calls: 50
    case .training: 200
    }
  }

  /// Looks an instance up and runs it if need be; never throws, since a failure is an outcome.
  private func one(
    _ id: InstanceID,
    _ board: YieldBoard,
    _ runID: String,
    _ observe: @Sendable (RunEvent) -> Void
  ) async -> InstanceOutcome {
    guard let instance = workflow.expansion[id] else { preconditionFailure("BUG: no '\(id)'") }
    let clock = ContinuousClock()
    let start = clock.now
    var keyed: Keyed?
    var previous: Digest?
    func outcome(
      _ status: InstanceOutcome.Status,
      _ yield: Yield?,
      _ failure: NodeFailure?
    ) -> InstanceOutcome {
      InstanceOutcome(
        id: id,
        kind: instance.kind.name,
        status: status,
        key: keyed?.key,
        previousKey: previous,
        yield: yield,
        inputs: keyed.map { $0.preimage["inputs"] ?? .null } ?? .null,
        sources: keyed.map { Self.sources(of: $0.inputs) } ?? .null,
        seconds: (clock.now - start).seconds,
        failure: failure
      )
    }
    do {
      let found = try await key(instance, await board.yields)
      keyed = found
      previous = try await previousKey(found)
      if let yield = try await hit(found) {
        try await note(found, runID)
        // A dataset or template prepared by this run while it was planning ran here.
        let isOwn = found.kind.work == .preparation && yield.originRun == runID
        return outcome(isOwn ? .ran : .reused, yield, nil)
      }
      let lock = try await ActionLock.acquire(found.key, in: "\(store.path)/locks")
      defer { withExtendedLifetime(lock) {} }
      if let yield = try await hit(found) {
        try await note(found, runID)
        return outcome(.reused, yield, nil)
      }
      observe(.instanceStarted(id))
      let yield = try await execute(found, services(id))
      try await note(found, runID)
      return outcome(.ran, yield, nil)
    } catch {
      let failure = NodeFailure(wrapping: error)
      return outcome(failure.reason == .interrupted ? .interrupted : .failed, nil, failure)
    }
  }

  /// The instances that slots refer to: inputs name bytes alone, which several may have made.
  private static func sources(of inputs: Inputs) -> JSON {
    .object(
      JSONObject(inputs.artifacts.map { ($0.slot, .string($0.input.instance.text)) })
    )
  }

  /// The key that the instance was last noted with, where it is another one now.
  private func previousKey(_ keyed: Keyed) async throws -> Digest? {
    let last = try await store.results.lastInstance(
      workflow: workflow.name,
      instance: keyed.instance.id.text
    )
    return last.flatMap { $0.key == keyed.key ? nil : $0.key }
  }

  /// Remembers the key under the instance's name, so that the next change can be explained.
  private func note(_ keyed: Keyed, _ runID: String) async throws {
    try await store.results.noteInstance(
      workflow: workflow.name,
      instance: keyed.instance.id.text,
      key: keyed.key,
      runID: runID
    )
  }

  private func skip(_ id: InstanceID, because reason: String) -> InstanceOutcome {
    InstanceOutcome(
      id: id,
      kind: workflow.expansion[id]?.kind.name ?? "",
      status: .skipped,
      key: nil,
      previousKey: nil,
      yield: nil,
      inputs: .null,
      sources: .null,
      seconds: 0,
      failure: NodeFailure(reason)
    )
  }

  private func notStarted(_ instance: Instance) -> InstanceOutcome {
    InstanceOutcome(
      id: instance.id,
      kind: instance.kind.name,
      status: .skipped,
      key: nil,
      previousKey: nil,
      yield: nil,
      inputs: .null,
      sources: .null,
      seconds: 0,
      failure: NodeFailure("not started: the run was stopping")
    )
  }
}

/// What has been yielded so far; instances read it when they start.
private actor YieldBoard {
  private(set) var yields: [InstanceID: Yield] = [:]
  private var outcomes: [InstanceID: InstanceOutcome] = [:]

  func add(_ outcome: InstanceOutcome) {
    outcomes[outcome.id] = outcome
    yields[outcome.id] = outcome.yield
  }

  func outcome(of id: InstanceID) -> InstanceOutcome? { outcomes[id] }
}
