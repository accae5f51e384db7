import Logging
import Primitives
import Store
import TinyLlama

/// The fine-tuning jobs: one trains at a time, the others wait in their order.
///
/// Training uses all the threads it was given, and two jobs together would end no sooner.
actor TrainingJobs {
  private let catalog: ModelCatalog
  private let shelf: FileShelf
  private let objects: ObjectStore
  private let threads: Int
  private let logger: Logger
  private let state: StateFolder?

  /// Oldest first.
  private var jobs: [TrainingJob] = []
  private var waiting: [String] = []
  /// Works through `waiting`; nil while that is empty, awaited by `stop`.
  private var worker: Task<Void, Never>?
  private var training: (id: String, task: Task<FineTuneResult, any Error>)?
  private var isStopped = false
  /// The last writing down of a job, behind which the next one waits.
  private var lastKeeping: Task<Void, any Error>?

  init(
    catalog: ModelCatalog,
    shelf: FileShelf,
    objects: ObjectStore,
    threads: Int,
    logger: Logger,
    state: StateFolder? = nil
  ) throws {
    self.catalog = catalog
    self.shelf = shelf
    self.objects = objects
    self.threads = threads
    self.logger = logger
    self.state = state
    for kept in try state?.jobs() ?? [] {
      guard let job = TrainingJob(state: kept) else {
        throw StateFolderError.damaged("\(kept["id"]?.string ?? "a job")", reason: "it is no job")
      }
      jobs.append(job)
    }
    jobs.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
  }

  /// Takes up what an earlier server left: its models, and the jobs that were not over.
  func resume() async {
    for job in jobs {
      if let model = job.fineTunedModel { await catalog.add(tuned: model) }
      guard !job.status.isFinal else { continue }
      update(job.id) { $0.restart() }
      waiting.append(job.id)
    }
    if !waiting.isEmpty, worker == nil { worker = Task { await self.work() } }
  }

  /// Writes a job down, if this server keeps its jobs.
  ///
  /// One after the other, each time as the job then is: a job that is cancelled while its start is
  /// being written must not stay behind as one that runs.
  private func keep(_ id: String) async throws {
    guard let state else { return }
    let before = lastKeeping
    let keeping = Task {
      _ = await before?.result
      guard let json = jobs.first(where: { $0.id == id })?.state else { return }
      try await Blocking.run { try state.save(json, as: "jobs/\(id)") }
    }
    lastKeeping = keeping
    try await keeping.value
  }

  /// The same for a change that stands whether it could be written or not: a job that is over
  /// would only be done again after a restart, and come to the same.
  private func keepIfPossible(_ id: String) async {
    do {
      try await keep(id)
    } catch {
      logger.error("the state of job \(id) cannot be kept: \(error)")
    }
  }

  /// Newest first.
  var all: [TrainingJob] { jobs.reversed() }

  func job(_ id: String) throws(APIError) -> TrainingJob {
    guard let job = jobs.first(where: { $0.id == id }) else {
      throw .notFound("fine-tuning job", id, param: "fine_tuning_job_id")
    }
    return job
  }

  /// Takes a job whose model and files are known here.
  func create(_ request: JobRequest) async throws(APIError) -> TrainingJob {
    _ = try await catalog.model(request.model)
    try await checkFile(request.trainingFile, param: "training_file")
    if let file = request.validationFile { try await checkFile(file, param: "validation_file") }
    // Only now: the server may have been stopped while model and files were looked up.
    guard !isStopped else { throw .stopping }
    let job = TrainingJob(request)
    jobs.append(job)
    do {
      try await keep(job.id)
    } catch {
      jobs.removeAll { $0.id == job.id }
      throw .server("the job cannot be kept: \(error)")
    }
    guard !isStopped else { return job }
    waiting.append(job.id)
    if worker == nil { worker = Task { await self.work() } }
    return job
  }

  /// Ends a job that is not over; its training stops within a step.
  func cancel(_ id: String) async throws(APIError) -> TrainingJob {
    let job = try job(id)
    guard !job.status.isFinal else {
      throw APIError(
        status: 400,
        "job '\(id)' is over: it has \(job.status.rawValue)",
        code: "invalid_job_state"
      )
    }
    update(id) { $0.cancel() }
    if let training, training.id == id { training.task.cancel() }
    await keepIfPossible(id)
    return try self.job(id)
  }

  /// Ends the job that is running, drops those that wait, and returns when no thread works on.
  ///
  /// Jobs that are kept are not over: the next server takes them up.
  func stop() async {
    isStopped = true
    waiting = []
    if state == nil {
      for job in jobs where !job.status.isFinal { update(job.id) { $0.cancel() } }
    }
    training?.task.cancel()
    await worker?.value
    _ = await lastKeeping?.result
  }

  private func checkFile(_ id: String, param: String) async throws(APIError) {
    do {
      _ = try await shelf.file(id)
    } catch {
      throw .invalid(param, "no file has the id '\(id)'; upload it first", code: "file_not_found")
    }
  }

  private func update(_ id: String, _ change: (inout TrainingJob) -> Void) {
    guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
    change(&jobs[index])
  }

  /// Whether a job was cancelled while its work was suspended.
  private func isOver(_ id: String) -> Bool {
    jobs.first { $0.id == id }?.status.isFinal ?? true
  }

  /// Whether a job's work is still wanted: neither was it cancelled nor the server stopped.
  private func mayGoOn(_ id: String) -> Bool { !isStopped && !isOver(id) }
}

// MARK: - The work

extension TrainingJobs {
  private func work() async {
    while !waiting.isEmpty {
      let id = waiting.removeFirst()
      guard let job = jobs.first(where: { $0.id == id }) else { continue }
      do {
        try await run(job)
      } catch {
        guard mayGoOn(id) else { continue }
        logger.debug("job \(id) failed: \(error)")
        update(id) { $0.fail(Self.describe(error)) }
        await keepIfPossible(id)
      }
    }
    worker = nil
  }

  private func run(_ job: TrainingJob) async throws {
    guard mayGoOn(job.id) else { return }
    let examples = try await self.examples(in: job.request.trainingFile, "training_file")
    var validation: [TrainingExample] = []
    if let file = job.request.validationFile {
      validation = try await self.examples(in: file, "validation_file")
    }
    let model = try await catalog.model(job.request.model)
    guard mayGoOn(job.id) else { return }
    update(job.id) {
      $0.queue()
      $0.start()
    }
    await keepIfPossible(job.id)
    // Until now there was no training that `cancel` and `stop` could have ended.
    guard mayGoOn(job.id) else { return }
    logger.debug("job \(job.id) trains '\(job.request.model)' on \(examples.count) examples")
    let result = try await train(
      job,
      from: model.checkpoint,
      on: examples,
      validation: validation
    )
    guard !isOver(job.id) else { return }
    let digest = try await CheckpointStore.save(result.checkpoint, into: objects)
    let file = try await shelf.add(
      Self.table(of: result.curve),
      name: "step_metrics.csv",
      purpose: .results
    )
    let name = CheckpointManifest.modelName(of: digest)
    await catalog.add(tuned: name)
    guard !isOver(job.id) else { return }
    update(job.id) {
      $0.succeed(model: name, trainedTokens: result.trainedTokens, resultFile: file.id)
    }
    await keepIfPossible(job.id)
  }

  private func examples(in file: String, _ param: String) async throws -> [TrainingExample] {
    let bytes = try await shelf.content(of: try await shelf.file(file))
    do {
      return try await Blocking.run { try TrainingExample.parse(jsonLines: bytes) }
    } catch {
      throw APIError.invalid(param, "file '\(file)': \(error)", code: "invalid_file")
    }
  }

  /// Trains as a task of its own, so that cancelling the job cancels nothing else.
  private func train(
    _ job: TrainingJob,
    from checkpoint: Checkpoint,
    on examples: [TrainingExample],
    validation: [TrainingExample]
  ) async throws -> FineTuneResult {
    let settings = job.request.settings
    let options = FineTuneOptions(
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      learningRate: settings.learningRate,
      seed: job.request.seed,
      threads: threads
    )
    let (steps, continuation) = AsyncStream.makeStream(of: FineTuneProgress.self)
    let task = Task<FineTuneResult, any Error> {
      defer { continuation.finish() }
      return try await checkpoint.fineTuned(
        on: examples,
        validation: validation,
        options: options,
        progress: { continuation.yield($0) }
      )
    }
    training = (job.id, task)
    defer { training = nil }
    for await step in steps where !isOver(job.id) {
      update(job.id) { $0.step(step) }
    }
    return try await task.value
  }

  /// The curve as the API's result files have it: `step,train_loss,valid_loss`.
  private static func table(of curve: [FineTuneProgress]) -> [UInt8] {
    var lines = ["step,train_loss,valid_loss"]
    for step in curve {
      let validation = step.validationLoss.map { "\($0)" } ?? ""
      lines.append("\(step.step),\(step.trainingLoss),\(validation)")
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func describe(_ error: any Error) -> APIError {
    switch error {
    case let error as APIError: error
    case let error as TrainingError: describe(error)
    default: .server("the job could not be done: \(error)")
    }
  }

  private static func describe(_ error: TrainingError) -> APIError {
    switch error {
    case .malformedLine, .noExamples, .noCompletionTokens, .exampleTooLong, .unusableMessages:
      .invalid("training_file", "\(error)", code: "invalid_training_file")
    case .validation(let error):
      .invalid("validation_file", "\(error)", code: "invalid_validation_file")
    case .invalidOption(let name, _):
      .invalid(name, "\(error)")
    case .lossNotFinite:
      .invalid("hyperparameters", "\(error)", code: "training_diverged")
    case .cancelled:
      .stopping
    }
  }
}
