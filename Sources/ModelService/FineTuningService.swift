package import Logging
package import Primitives
package import Store
package import Transfer

/// Runs fine-tuning jobs by the API, each created once.
///
/// The intent is in the ledger before anything is sent, and the job carries its tag. So a job whose
/// process ended is found again, by its id or by its tag, and followed to its end.
package final class FineTuningService: Sendable {
  /// Name of the job's metadata that holds the tag.
  static let tagName = "distill"
  static let jobKind = "fine-tune"

  let client: APIClient
  let time: Timekeeper
  let log: Logger
  private let ledger: Ledger
  private let runID: String?
  /// A process has one owner in the ledger, so its own tasks are kept apart here.
  private let turns = Turns()

  init(ledger: Ledger, runID: String?, client: APIClient, time: Timekeeper, log: Logger) {
    self.ledger = ledger
    self.runID = runID
    self.client = client
    self.time = time
    self.log = log
  }

  /// A service that shares nothing with a `CallService`.
  package convenience init(
    ledger: Ledger,
    runID: String?,
    transfer: TransferClient,
    time: Timekeeper = .system,
    log: Logger = .silent
  ) {
    self.init(
      ledger: ledger,
      runID: runID,
      client: APIClient(transfer: transfer, keys: KeyRing()),
      time: time,
      log: log
    )
  }

  /// The model that a job yields; waits for its end.
  ///
  /// A job that succeeded before is not run again. Cancelling the task ends the waiting, never the
  /// job. `key` is the action key of the instance that the job is for; `onEvent` gets each line of
  /// the job's log once.
  ///
  /// Throws `FineTuningError`, `StoreError`, `Problem` for a key that cannot be read, or
  /// `CancellationError`.
  package func tune(
    _ request: FineTuningRequest,
    key: Digest,
    at endpoint: ModelEndpoint,
    onEvent: @escaping @Sendable (FineTuningEvent) -> Void = { _ in }
  ) async throws -> FineTunedModel {
    try await turns.withTurn(for: key) {
      try await pursue(
        request,
        key: key,
        FreeCalls(client: client, endpoint: endpoint, time: time),
        onEvent
      )
    }
  }

  private func pursue(
    _ request: FineTuningRequest,
    key: Digest,
    _ calls: FreeCalls,
    _ onEvent: @escaping @Sendable (FineTuningEvent) -> Void
  ) async throws -> FineTunedModel {
    while true {
      let (job, isNew) = try await open(key, calls.endpoint)
      if job.state == .succeeded, let model = FineTunedModel(json: job.detail) { return model }
      do {
        return try await finish(job, isNew: isNew, request, calls, onEvent)
      } catch FineTuningError.gone(let id)
        where calls.endpoint.address.isLocal && job.remoteID == id
      {
        // A server of our own forgets its jobs when it ends, and asks no money for another.
        log.info(
          "a fine-tuning job ended with its server; starting anew",
          metadata: ["job": "\(id)"]
        )
      }
    }
  }

  /// Creates or finds the job at the service, follows it to its end, and records that.
  private func finish(
    _ job: RemoteJob,
    isNew: Bool,
    _ request: FineTuningRequest,
    _ calls: FreeCalls,
    _ onEvent: @escaping @Sendable (FineTuningEvent) -> Void
  ) async throws -> FineTunedModel {
    do {
      let id = try await remoteJob(for: job, isNew: isNew, request, calls)
      let follower = JobFollower(
        calls: calls,
        time: time,
        log: log,
        tag: job.tag,
        onEvent: onEvent
      )
      let model = try await follower.follow(id)
      try await ledger.updateJob(job.id, remoteID: nil, state: .succeeded, detail: model.json)
      return model
    } catch let error as FineTuningError {
      try await close(job, after: error)
      throw error
    }
  }

  /// The ledger's row for the key, waiting while another process follows it.
  private func open(
    _ key: Digest,
    _ endpoint: ModelEndpoint
  ) async throws -> (job: RemoteJob, isNew: Bool) {
    while true {
      let claim = try await ledger.openJob(
        key: key,
        kind: Self.jobKind,
        model: endpoint.identity.text,
        runID: runID
      )
      switch claim {
      case .created(let job): return (job, true)
      case .existing(let job): return (job, false)
      case .heldByOther: try await time.sleep(.seconds(1))
      }
    }
  }

  /// The id of the job at the service: the one recorded, the one that bears the tag, or a new one.
  private func remoteJob(
    for job: RemoteJob,
    isNew: Bool,
    _ request: FineTuningRequest,
    _ calls: FreeCalls
  ) async throws -> String {
    if let id = job.remoteID { return id }
    do {
      let found = isNew ? nil : try await find(tag: job.tag, calls)
      let id: String
      if let found { id = found } else { id = try await create(job, request, calls) }
      try await ledger.updateJob(job.id, remoteID: id, state: .created, detail: job.detail)
      return id
    } catch let failure as FreeCalls.Failure {
      throw failure.isPassing && failure.delivery == .inDoubt
        ? FineTuningError.unreachable(job: nil, message: failure.message)
        : .refused(message: failure.message)
    }
  }

  /// A job that ended without a model is closed, so that the next run may make another; one that may
  /// still run stays open.
  private func close(_ job: RemoteJob, after error: FineTuningError) async throws {
    let state: JobState
    switch error {
    case .failed, .withoutModel, .gone, .refused: state = .failed
    case .cancelled: state = .cancelled
    case .unreachable: return
    }
    try await ledger.updateJob(
      job.id,
      remoteID: nil,
      state: state,
      detail: ["message": .string("\(error)")]
    )
  }

  // MARK: Creating

  private func create(
    _ job: RemoteJob,
    _ request: FineTuningRequest,
    _ calls: FreeCalls
  ) async throws -> String {
    let training = try await upload(request.trainingFile, as: "training-\(job.tag).jsonl", calls)
    var validation: String?
    if let path = request.validationFile {
      validation = try await upload(path, as: "validation-\(job.tag).jsonl", calls)
    }
    let body = request.wireBody(
      model: request.model ?? calls.endpoint.model,
      trainingFileID: training,
      validationFileID: validation,
      tag: job.tag
    )
    return try await post(body, tag: job.tag, calls)
  }

  /// Sends the job; when it is in doubt whether it arrived, looks for its tag before sending again.
  private func post(_ body: [UInt8], tag: String, _ calls: FreeCalls) async throws -> String {
    var attempt = 1
    while true {
      do {
        let json = try await calls.once(.post, "/fine_tuning/jobs", .bytes(body))
        guard let id = json["id"]?.string else {
          throw FineTuningError.refused(message: "the service gave the job no id")
        }
        return id
      } catch let failure as FreeCalls.Failure where failure.isPassing && attempt < calls.attempts {
        try await time.sleep(CallPolicy().wait(after: attempt, asked: nil, jitter: time.jitter()))
        attempt += 1
        if failure.delivery == .inDoubt, let id = try await find(tag: tag, calls) { return id }
      }
    }
  }

  /// Puts a file where jobs of the service find it.
  private func upload(
    _ path: String,
    as name: String,
    _ calls: FreeCalls
  ) async throws -> String {
    var form = MultipartForm(boundary: "distill-\(Digest(of: "\(name):\(path)").hex.prefix(32))")
    form.add(field: "purpose", value: "fine-tune")
    form.add(field: "file", file: path, named: name)
    let json = try await calls.post("/files", form.body, contentType: form.contentType)
    guard let id = json["id"]?.string else {
      throw FineTuningError.refused(message: "the service gave the file no id")
    }
    return id
  }

  /// The id of the job that bears the tag, among all jobs of the service.
  private func find(tag: String, _ calls: FreeCalls) async throws -> String? {
    var after = ""
    while true {
      let page = try await calls.get("/fine_tuning/jobs?limit=100\(after)")
      let jobs = page["data"]?.array ?? []
      let job = jobs.first { $0["metadata"]?[Self.tagName]?.string == tag }
      if let id = job?["id"]?.string { return id }
      guard page["has_more"]?.bool == true, let last = jobs.last?["id"]?.string else { return nil }
      after = "&after=\(last)"
    }
  }
}
