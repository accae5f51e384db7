import Primitives
import TinyLlama

/// One fine-tuning job and how far it has come.
///
/// Source of the shapes: openai-python `types/fine_tuning/fine_tuning_job.py`,
/// `fine_tuning_job_event.py` and `jobs/fine_tuning_job_checkpoint.py`.
struct TrainingJob: Sendable {
  enum Status: String, Sendable {
    case validatingFiles = "validating_files"
    case queued, running, succeeded, failed, cancelled

    var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
  }

  struct Event: Sendable {
    var id = Identifier.make("ftevent-")
    var createdAt = Identifier.now
    let level: String
    let message: String
    /// Figures of one step; nil for a message.
    let metrics: JSON?
  }

  /// What is shown of the last step.
  struct Step: Sendable {
    let number: Int
    let trainingLoss: Double
    let validationLoss: Double?
  }

  let id: String
  let createdAt: Int64
  let request: JobRequest
  private(set) var status = Status.validatingFiles
  private(set) var finishedAt: Int64?
  private(set) var error: APIError?
  private(set) var fineTunedModel: String?
  private(set) var trainedTokens: Int?
  private(set) var resultFile: String?
  private(set) var lastStep: Step?
  /// Oldest first.
  private(set) var events: [Event] = []

  init(_ request: JobRequest) {
    id = Identifier.make("ftjob-")
    createdAt = Identifier.now
    self.request = request
    note("Created fine-tuning job: \(id)")
    note("Validating training file: \(request.trainingFile)")
  }

  /// Takes a job as it was kept.
  init(
    id: String,
    createdAt: Int64,
    request: JobRequest,
    status: Status,
    finishedAt: Int64?,
    error: APIError?,
    fineTunedModel: String?,
    trainedTokens: Int?,
    resultFile: String?,
    lastStep: Step?,
    events: [Event]
  ) {
    self.id = id
    self.createdAt = createdAt
    self.request = request
    self.status = status
    self.finishedAt = finishedAt
    self.error = error
    self.fineTunedModel = fineTunedModel
    self.trainedTokens = trainedTokens
    self.resultFile = resultFile
    self.lastStep = lastStep
    self.events = events
  }

  private mutating func note(_ message: String, level: String = "info", metrics: JSON? = nil) {
    events.append(Event(level: level, message: message, metrics: metrics))
  }
}

// MARK: - What happens to it

extension TrainingJob {
  mutating func queue() {
    status = .queued
    note("Files validated, moving job to queued state")
  }

  /// Goes back to its start after the server was ended before the job was.
  ///
  /// What it had trained is gone with the server; the same steps lead to the same model again.
  mutating func restart() {
    status = .queued
    lastStep = nil
    events.removeAll { $0.metrics != nil }
    note("The server was started again, and the job with it")
  }

  mutating func start() {
    status = .running
    note("Fine-tuning job started")
  }

  mutating func step(_ progress: FineTuneProgress) {
    lastStep = Step(
      number: progress.step,
      trainingLoss: progress.trainingLoss,
      validationLoss: progress.validationLoss
    )
    var metrics = JSONObject([
      ("step", JSON(progress.step)), ("total_steps", JSON(progress.totalSteps)),
      ("train_loss", .number(progress.trainingLoss)),
    ])
    metrics["valid_loss"] = progress.validationLoss.map(JSON.number)
    note(
      "Step \(progress.step)/\(progress.totalSteps): training loss=\(progress.trainingLoss)",
      metrics: .object(metrics)
    )
  }

  mutating func succeed(model: String, trainedTokens: Int, resultFile: String) {
    end(.succeeded)
    fineTunedModel = model
    self.trainedTokens = trainedTokens
    self.resultFile = resultFile
    note("New fine-tuned model created: \(model)")
    note("The job has successfully completed")
  }

  mutating func fail(_ error: APIError) {
    end(.failed)
    self.error = error
    note("The job failed: \(error.message)", level: "error")
  }

  mutating func cancel() {
    end(.cancelled)
    note("The job was cancelled")
  }

  private mutating func end(_ status: Status) {
    self.status = status
    finishedAt = Identifier.now
  }
}

// MARK: - As the API shows it

extension TrainingJob {
  var json: JSON {
    let hyperparameters = request.settings.json
    return [
      "id": .string(id),
      "object": "fine_tuning.job",
      "created_at": .integer(createdAt),
      "finished_at": finishedAt.map(JSON.integer) ?? nil,
      "estimated_finish": nil,
      "status": .string(status.rawValue),
      "model": .string(request.model),
      "fine_tuned_model": JSON(fineTunedModel),
      "training_file": .string(request.trainingFile),
      "validation_file": JSON(request.validationFile),
      "result_files": .array(resultFile.map { [.string($0)] } ?? []),
      "trained_tokens": trainedTokens.map { JSON($0) } ?? nil,
      "hyperparameters": hyperparameters,
      "method": ["type": "supervised", "supervised": ["hyperparameters": hyperparameters]],
      "seed": .integer(request.seed),
      "user_provided_suffix": JSON(request.suffix),
      "metadata": request.metadata.map(JSON.object) ?? nil,
      "organization_id": "distill",
      "integrations": [],
      "error": error.map(Self.json) ?? nil,
    ]
  }

  private static func json(_ error: APIError) -> JSON {
    ["code": JSON(error.code), "message": .string(error.message), "param": JSON(error.param)]
  }

  /// Newest first, as the API lists them.
  var eventsJSON: [JSON] {
    events.reversed().map { event in
      [
        "id": .string(event.id), "object": "fine_tuning.job.event",
        "created_at": .integer(event.createdAt), "level": .string(event.level),
        "message": .string(event.message), "type": event.metrics == nil ? "message" : "metrics",
        "data": event.metrics ?? .object(JSONObject()),
      ]
    }
  }

  /// The finished model; states in between are not kept.
  var checkpointsJSON: [JSON] {
    guard let fineTunedModel, let lastStep, let finishedAt else { return [] }
    var metrics = JSONObject([
      ("step", JSON(lastStep.number)), ("train_loss", .number(lastStep.trainingLoss)),
    ])
    metrics["valid_loss"] = lastStep.validationLoss.map(JSON.number)
    return [
      [
        "id": .string("ftckpt-\(id.dropFirst("ftjob-".count))"),
        "object": "fine_tuning.job.checkpoint",
        "created_at": .integer(finishedAt), "fine_tuned_model_checkpoint": .string(fineTunedModel),
        "fine_tuning_job_id": .string(id), "metrics": .object(metrics),
        "step_number": JSON(lastStep.number),
      ]
    ]
  }
}
