import Primitives
import Synchronization

extension TollService {
  /// `POST /fine_tuning/jobs`, `GET /fine_tuning/jobs[/id[/events|/checkpoints]]`,
  /// `POST /fine_tuning/jobs/id/cancel`.
  func jobs(_ request: Request, _ entry: inout LedgerEntry) throws(ServiceError) -> Reply {
    let steps = Array(request.route.steps.dropFirst(2))
    if let id = steps.first { entry.object = id }
    switch (request.head.method, steps.count) {
    case ("POST", 0): return try createJob(request, &entry)
    case ("GET", 0): return try listJobs(request)
    case ("GET", 1): return try lookAtJob(steps[0])
    case ("GET", 2) where steps[1] == "events":
      let (job, index) = try place(ofJob: steps[0])
      let events = job.events(script(of: job).steps.prefix(index + 1))
      return Reply(json: try Page(request.head, limit: 20, atMost: 1_000).json(events.reversed()))
    case ("GET", 2) where steps[1] == "checkpoints":
      let (job, index) = try place(ofJob: steps[0])
      let hasSucceeded = script(of: job).steps[index].status == "succeeded"
      return Reply(
        json: try Page(request.head, limit: 10).json(hasSucceeded ? job.checkpoints : [])
      )
    case ("POST", 2) where steps[1] == "cancel": return try cancelJob(steps[0])
    default: throw Self.noOperation(request)
    }
  }

  private func script(of job: TrainingJob) -> StatusScript {
    if job.isCancelled { return StatusScript(["cancelled"]) }
    if job.complaint != nil { return StatusScript(["validating_files", "failed"]) }
    return options.jobScripts.script(for: job.sequence)
  }

  /// The job and the step of its script that it has reached.
  private func place(ofJob id: String) throws(ServiceError) -> (job: TrainingJob, index: Int) {
    guard let job = trainingJobs.find(id) else { throw .notFound("fine-tuning job", id) }
    return (job, index(of: job))
  }

  private func index(of job: TrainingJob) -> Int {
    script(of: job).index(
      looks: job.looks,
      sinceMilliseconds: job.createdAt,
      delay: options.jobDelay
    )
  }

  /// The job as it is now, with what its success brings.
  private func shown(_ job: TrainingJob) throws(ServiceError) -> JSON {
    let step = script(of: job).steps[index(of: job)]
    if step.status == "succeeded" { try finish(job) }
    return job.shown(step)
  }

  private func createJob(
    _ request: Request,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> Reply {
    let body = try request.json()
    guard body["model"]?.string != nil else {
      throw .invalid("model", "you must provide a model parameter")
    }
    guard let file = body["training_file"]?.string else {
      throw .invalid("training_file", "you must provide a training_file parameter")
    }
    _ = try Metadata.read(body)
    let check = TrainingFileCheck(try cabinet.content(file))
    let isAzure = request.route.dialect == .azure
    let job = try trainingJobs.add { sequence in
      TrainingJob(
        sequence: sequence,
        isAzure: isAzure,
        body: body,
        fileTokens: check.tokens,
        complaint: check.complaint
      )
    }
    entry.object = job.id
    entry.model = job.model
    return Reply(isAzure ? 201 : 200, json: job.shown(script(of: job).steps[0]))
  }

  private func listJobs(_ request: Request) throws(ServiceError) -> Reply {
    var jobs: [JSON] = []
    for job in trainingJobs.all.reversed()
    where script(of: job).steps[index(of: job)].failure != 404 {
      jobs.append(try shown(job))
    }
    return Reply(json: try Page(request.head, limit: 20).json(jobs))
  }

  private func lookAtJob(_ id: String) throws(ServiceError) -> Reply {
    guard let job = try trainingJobs.update(id, { $0.looks += 1 }) else {
      throw .notFound("fine-tuning job", id)
    }
    if let status = script(of: job).steps[index(of: job)].failure {
      throw ServiceError(status: status, message: "Could not find or reach job '\(id)'.")
    }
    return Reply(json: try shown(job))
  }

  private func cancelJob(_ id: String) throws(ServiceError) -> Reply {
    let (job, index) = try place(ofJob: id)
    let status = script(of: job).steps[index].status
    guard !["succeeded", "failed", "cancelled"].contains(status) else {
      throw .invalid("id", "Job has already completed: \(id), status \(status)")
    }
    guard let cancelled = try trainingJobs.update(id, { $0.isCancelled = true }) else {
      throw .notFound("fine-tuning job", id)
    }
    return Reply(json: try shown(cancelled))
  }

  /// Charges the training, once, and keeps its results; whoever sees the success sees them too.
  private func finish(_ job: TrainingJob) throws(ServiceError) {
    try chargedJobs.withLock { charged throws(ServiceError) in
      guard !charged.contains(job.id) else { return }
      if cabinet.files.find(job.resultFileID) == nil {
        _ = try cabinet.add(
          Array(job.resultCSV.utf8),
          name: "step_metrics.csv",
          purpose: "fine-tune-results",
          id: job.resultFileID
        )
      }
      let record: JSON = [
        "event": "training", "job": .string(job.id), "model": .string(job.model), "charged": true,
        "trained_tokens": JSON(job.trainedTokens),
      ]
      ledger.commit(ledger.append(record))
      charged.insert(job.id)
    }
  }
}
