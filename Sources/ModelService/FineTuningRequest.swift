package import Diagnostics
import Primitives

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
  /// The rate itself: only servers of the tool's own kind take it.
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
}

// MARK: - What a service can be asked

extension FineTuningRequest {
  /// Why the endpoint's job API cannot express the request; nil if it can.
  ///
  /// What it cannot express would be dropped there without a word, and the model would be another one
  /// than was asked for. No file is read: see `FineTuningFile` for what must hold of those.
  package func problem(at endpoint: ModelEndpoint) -> Problem? {
    // Something on this machine may be `distill serve`, which takes a rate.
    if learningRate != nil, !endpoint.address.isLocal {
      return Problem(
        "the job API of \(endpoint.address.name) takes no learning rate, only a multiple of its own",
        at: nil,
        hint: "write learning_rate_multiplier instead of learning_rate"
      )
    }
    if let suffix, let problem = endpoint.dialect.problem(suffix: suffix) { return problem }
    if let seed, !endpoint.dialect.jobSeeds.contains(seed) {
      return Problem(
        "the job API takes no seed \(seed)",
        at: nil,
        hint: "expected a seed from 0 to \(endpoint.dialect.jobSeeds.upperBound)"
      )
    }
    return nil
  }

  /// The body of `POST /fine_tuning/jobs`; the tag finds the job again if its id is lost.
  func wireBody(
    _ dialect: Dialect,
    model: String,
    files: FineTuningFiles,
    tag: String
  ) -> [UInt8] {
    var members = JSONObject([
      ("model", .string(model)), ("training_file", .string(files.training)),
    ])
    if dialect.keepsJobMetadata {
      members["method"] = ["type": "supervised", "supervised": ["hyperparameters": parameters]]
      members["metadata"] = [RemoteJobFinder.tagName: .string(tag)]
    } else {
      members["hyperparameters"] = parameters
    }
    members["validation_file"] = files.validation.map(JSON.string)
    members["seed"] = seed.map(JSON.integer)
    members["suffix"] = suffix.map(JSON.string)
    return Array(JSON.object(members).compactText.utf8)
  }

  private var parameters: JSON {
    var parameters = JSONObject([("n_epochs", JSON(epochs))])
    parameters["batch_size"] = batchSize.map { JSON($0) }
    parameters["learning_rate"] = learningRate.map(JSON.number)
    parameters["learning_rate_multiplier"] = learningRateMultiplier.map(JSON.number)
    return .object(parameters)
  }
}

/// The ids that a service gave to the files of a job.
struct FineTuningFiles: Equatable {
  var training: String
  var validation: String?
}
