package import Logging
package import Primitives
package import Store
package import Transfer

/// Runs fine-tuning jobs by the API, each created once.
///
/// The intent is in the ledger before anything is sent, and the job carries its tag. So a job whose
/// process ended is found again, by its id or by its tag, and followed to its end.
package final class FineTuningService: Sendable {
  let client: APIClient
  let time: Timekeeper
  let log: Logger
  let ledger: Ledger
  private let runID: String?
  private let account: String?
  private let budgets: [Budget]
  /// A process has one owner in the ledger, so its own tasks are kept apart here.
  private let turns = Turns()

  /// A service of a run; what its jobs may cost is reserved on the account, within the budgets.
  init(
    ledger: Ledger,
    runID: String?,
    account: String? = nil,
    budgets: [Budget] = [],
    client: APIClient,
    time: Timekeeper,
    log: Logger
  ) {
    self.ledger = ledger
    self.runID = runID
    self.account = account
    self.budgets = budgets
    self.client = client
    self.time = time
    self.log = log
  }

  /// A service that shares nothing with a `CallService`.
  package convenience init(
    ledger: Ledger,
    runID: String?,
    account: String? = nil,
    budgets: [Budget] = [],
    transfer: TransferClient,
    time: Timekeeper = .system,
    log: Logger = .silent
  ) {
    self.init(
      ledger: ledger,
      runID: runID,
      account: account,
      budgets: budgets,
      client: APIClient(transfer: transfer, keys: KeyRing()),
      time: time,
      log: log
    )
  }

  /// The most that a job can cost: every byte of its rows a token, in every epoch; nil if the price
  /// is unknown.
  package static func worstCase(
    of request: FineTuningRequest,
    at endpoint: ModelEndpoint
  ) throws -> Money? {
    let file = try FineTuningFile(at: request.trainingFile, for: endpoint.dialect)
    return endpoint.pricing?.training.map { price in
      Money(tokens: file.tokenBound(epochs: request.epochs), perMillion: price)
    }
  }

  /// The model that a job yields; waits for its end.
  ///
  /// A job that succeeded before is not run again. Cancelling the task ends the waiting, never the
  /// job. `key` is the action key of the instance that the job is for; `onEvent` gets each line of
  /// the job's log once.
  ///
  /// Throws `FineTuningError`, `RemoteJobPending` when the task is cancelled while a job runs at a
  /// provider, `StoreError`, `Problem` for a request that the job API cannot express or a key that
  /// cannot be read, or `CancellationError`.
  package func tune(
    _ request: FineTuningRequest,
    key: Digest,
    at endpoint: ModelEndpoint,
    onEvent: @escaping @Sendable (FineTuningEvent) -> Void = { _ in }
  ) async throws -> FineTunedModel {
    if let problem = request.problem(at: endpoint) { throw problem }
    return try await turns.withTurn(for: key) {
      while true {
        let errand = FineTuningErrand(
          request: request,
          calls: FreeCalls(client: client, endpoint: endpoint, time: time),
          onEvent: onEvent
        )
        let (job, isNew) = try await open(errand, key)
        let record = RemoteJobRecord(ledger: ledger, job: job, endpoint: endpoint)
        if job.state == .succeeded, let model = try await recorded(record, errand.calls) {
          return model
        }
        if let model = try await pursue(record, isNew: isNew, errand) { return model }
        log.info(
          "a fine-tuning job ended with its server; starting anew",
          metadata: ["job": "\(job.remoteID ?? job.tag)"]
        )
      }
    }
  }

  /// Creates or finds the job at the service, follows it to its end, and records that.
  ///
  /// - Returns: Nil if the job is gone with a server of our own, and another costs nothing.
  private func pursue(
    _ record: RemoteJobRecord,
    isNew: Bool,
    _ errand: FineTuningErrand
  ) async throws -> FineTunedModel? {
    let job = record.job
    do {
      let id = try await creation(record, isNew: isNew, errand)
      return try await follow(id, record, errand)
    } catch let error as FineTuningError {
      try await record.close(after: error)
      // A server on this machine forgets its jobs when it ends, and asks no money for another.
      if case .gone = error, errand.calls.endpoint.address.isLocal, job.remoteID != nil {
        return nil
      }
      throw error
    } catch is CancellationError where !errand.calls.endpoint.isFree {
      try await record.leave()
      throw RemoteJobPending(kind: .fineTune, job: await record.remoteID, tag: job.tag)
    }
  }

  /// The ledger's row for the key, waiting while another process follows it.
  private func open(
    _ errand: FineTuningErrand,
    _ key: Digest
  ) async throws -> (job: RemoteJob, isNew: Bool) {
    let endpoint = errand.calls.endpoint
    let reserve = try Self.worstCase(of: errand.request, at: endpoint)
    while true {
      let claim = try await ledger.openJob(
        key: key,
        kind: .fineTune,
        model: endpoint.identity.text,
        runID: runID,
        reserve: endpoint.isFree ? .zero : reserve,
        account: account,
        budgets: endpoint.isFree ? [] : budgets,
        detail: RemoteJobDetail(service: RemoteJobService(endpoint)).json
      )
      switch claim {
      case .created(let job): return (job, true)
      case .existing(let job): return (job, false)
      case .heldByOther: try await time.sleep(.seconds(1))
      case .overBudget(let shortfall): throw FineTuningError.overBudget(shortfall)
      }
    }
  }
}

/// What is asked of a service, and how it is asked.
struct FineTuningErrand: Sendable {
  let request: FineTuningRequest
  let calls: FreeCalls
  let onEvent: @Sendable (FineTuningEvent) -> Void
}
