package import Primitives

/// What a fine-tuning job is to do.
package struct FineTuningRequest: Sendable {
  /// The model to start from; nil takes the endpoint's.
  package var model: String?
  /// Path of a file of chat JSON Lines.
  package var trainingFile: String
  package var validationFile: String?
  package var epochs: Int
  /// Rows of a step; nil leaves it to the service.
  package var batchSize: Int?
  /// The rate itself: only our own server takes it.
  package var learningRate: Double?
  package var learningRateMultiplier: Double?
  package var seed: Int64?
  /// Part of the new model's name, where the service gives names.
  package var suffix: String?

  package init(
    model: String? = nil,
    trainingFile: String,
    validationFile: String? = nil,
    epochs: Int,
    batchSize: Int? = nil,
    learningRate: Double? = nil,
    learningRateMultiplier: Double? = nil,
    seed: Int64? = nil,
    suffix: String? = nil
  ) {
    self.model = model
    self.trainingFile = trainingFile
    self.validationFile = validationFile
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.learningRateMultiplier = learningRateMultiplier
    self.seed = seed
    self.suffix = suffix
  }

  /// The body of `POST /fine_tuning/jobs`; the tag finds the job again if its id is lost.
  func wireBody(
    model: String,
    trainingFileID: String,
    validationFileID: String?,
    tag: String
  ) -> [UInt8] {
    var parameters = JSONObject([("n_epochs", JSON(epochs))])
    parameters["batch_size"] = batchSize.map { JSON($0) }
    parameters["learning_rate"] = learningRate.map(JSON.number)
    parameters["learning_rate_multiplier"] = learningRateMultiplier.map(JSON.number)
    var members = JSONObject([
      ("model", .string(model)),
      ("training_file", .string(trainingFileID)),
      (
        "method",
        ["type": "supervised", "supervised": ["hyperparameters": .object(parameters)]]
      ),
      ("metadata", [FineTuningService.tagName: .string(tag)]),
    ])
    members["validation_file"] = validationFileID.map(JSON.string)
    members["seed"] = seed.map(JSON.integer)
    members["suffix"] = suffix.map(JSON.string)
    return Array(JSON.object(members).compactText.utf8)
  }
}

/// What a fine-tuning job yielded.
package struct FineTunedModel: Equatable, Sendable {
  /// The name to ask for (`fine_tuned_model`).
  package let name: String
  package let jobID: String
  /// Nil is unknown.
  package let trainedTokens: Int?
  /// What the service reported while training, in order; its own form.
  package let metrics: [JSON]

  package init(name: String, jobID: String, trainedTokens: Int?, metrics: [JSON]) {
    self.name = name
    self.jobID = jobID
    self.trainedTokens = trainedTokens
    self.metrics = metrics
  }

  /// The form that the ledger keeps.
  package var json: JSON {
    var members = JSONObject([
      ("model", .string(name)), ("job", .string(jobID)), ("metrics", .array(metrics)),
    ])
    members["trained_tokens"] = trainedTokens.map { JSON($0) }
    return .object(members)
  }

  /// Reads what `json` writes; nil for anything else.
  package init?(json: JSON) {
    guard let name = json["model"]?.string, let jobID = json["job"]?.string else { return nil }
    self.init(
      name: name,
      jobID: jobID,
      trainedTokens: json["trained_tokens"]?.int,
      metrics: json["metrics"]?.array ?? []
    )
  }
}

/// A line of a job's log.
package struct FineTuningEvent: Equatable, Sendable {
  package let id: String
  /// `info`, `warn`, `error`.
  package let level: String
  package let message: String
  /// Figures, for events of type `metrics`.
  package let data: JSON?

  init?(_ json: JSON) {
    guard let id = json["id"]?.string, let message = json["message"]?.string else { return nil }
    self.id = id
    self.message = ForeignText.shown(message)
    level = json["level"]?.string ?? "info"
    data = json["data"]?.object.flatMap { $0.isEmpty ? nil : .object($0) }
  }
}

/// Why a job brought no model.
package enum FineTuningError: Error, Sendable {
  case failed(job: String, message: String)
  case cancelled(job: String)
  /// It says that it succeeded, and names no model.
  case withoutModel(job: String)
  /// The service does not know it any more.
  case gone(job: String)
  /// Nothing was heard for long; a job that exists goes on, and may cost.
  case unreachable(job: String?, message: String)
  /// The service did not take the job.
  case refused(message: String)
}

extension FineTuningError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failed(let job, let message): "fine-tuning job '\(job)' failed: \(message)"
    case .cancelled(let job): "fine-tuning job '\(job)' was cancelled at the service"
    case .withoutModel(let job):
      "fine-tuning job '\(job)' succeeded, but its service names no model"
    case .gone(let job): "fine-tuning job '\(job)' is not known to its service any more"
    case .unreachable(let job?, let message):
      "fine-tuning job '\(job)' cannot be followed: \(message); it may still run and cost: run "
        + "again to follow it"
    case .unreachable(nil, let message):
      "the fine-tuning job may have been created: \(message); run again to look for it"
    case .refused(let message): "the fine-tuning job was refused: \(message)"
    }
  }
}
