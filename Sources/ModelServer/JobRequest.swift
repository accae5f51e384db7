import Primitives
import TinyLlama

/// A request for a fine-tuning job, checked member by member.
///
/// Source: openai-python `types/fine_tuning/job_create_params.py`. The method's hyperparameters and
/// the older ones at the top level say the same; `learning_rate` is an addition of this server.
struct JobRequest: Sendable {
  let model: String
  let trainingFile: String
  let validationFile: String?
  let settings: TrainingSettings
  let seed: Int64
  let suffix: String?
  let metadata: JSONObject?
  /// The body that it was read from, by which it is kept.
  let body: [UInt8]

  init(body: [UInt8]) throws(APIError) {
    self.body = body
    let parameters = try Parameters(body: body)
    try parameters.refuseOthers(than: [
      "model", "training_file", "validation_file", "hyperparameters", "method", "seed", "suffix",
      "metadata", "integrations",
    ])
    if parameters["integrations"]?.array?.isEmpty == false {
      throw .unsupported("integrations", "this server has no integrations; leave them out")
    }
    model = try parameters.requiredText("model")
    trainingFile = try parameters.requiredText("training_file")
    validationFile = try parameters.text("validation_file")
    settings = try TrainingSettings(parameters)
    seed = try parameters.integer("seed", in: .min ... .max) ?? 0
    suffix = try Self.suffix(parameters)
    metadata = try Self.metadata(parameters)
  }

  private static func suffix(_ parameters: Parameters) throws(APIError) -> String? {
    guard let suffix = try parameters.text("suffix") else { return nil }
    guard (1...64).contains(suffix.count) else {
      throw .invalid(
        "suffix",
        "'suffix' has \(suffix.count) characters; expected 1 to 64"
      )
    }
    return suffix
  }

  private static func metadata(_ parameters: Parameters) throws(APIError) -> JSONObject? {
    guard let metadata = try parameters.object("metadata") else { return nil }
    guard metadata.members.count <= 16 else {
      throw .invalid(
        "metadata",
        "'metadata' has \(metadata.members.count) members; expected at most 16"
      )
    }
    for (key, value) in metadata.members {
      guard key.count <= 64, let text = value.string, text.count <= 512 else {
        throw .invalid(
          "metadata",
          "'metadata.\(key)' cannot be kept; expected a key of at most 64 characters and a text of "
            + "at most 512"
        )
      }
    }
    return metadata
  }
}

/// How to train, every "auto" resolved.
struct TrainingSettings: Sendable {
  let epochs: Int
  /// Examples a step.
  let batchSize: Int
  let learningRate: Double
  /// As it was asked for; nil where `learning_rate` was given instead.
  let learningRateMultiplier: Double?

  /// What "auto" means, and what a multiplier multiplies: the settings of arXiv 2410.18588.
  private static let usual = FineTuneOptions()
  /// What the trainer takes at most.
  private static let highestRate = 1.0

  init(_ parameters: Parameters) throws(APIError) {
    let given = try Self.hyperparameters(parameters)
    try given.refuseOthers(than: [
      "n_epochs", "batch_size", "learning_rate_multiplier", "learning_rate",
    ])
    epochs = try Self.count("n_epochs", given, atMost: 1_000) ?? Self.usual.epochs
    batchSize = try Self.count("batch_size", given, atMost: 4_096) ?? Self.usual.batchSize
    let rate = try Self.rate("learning_rate", given, atMost: Self.highestRate)
    let multiplier = try Self.rate("learning_rate_multiplier", given, atMost: 100_000)
    if let rate {
      guard multiplier == nil else {
        throw .invalid(
          given.name("learning_rate"),
          "'learning_rate' and 'learning_rate_multiplier' are both set; expected one of them"
        )
      }
      learningRate = rate
      learningRateMultiplier = nil
    } else {
      learningRate = Self.usual.learningRate * (multiplier ?? 1)
      guard learningRate <= Self.highestRate else {
        throw .invalid(
          given.name("learning_rate_multiplier"),
          "'\(given.name("learning_rate_multiplier"))' makes a learning rate of \(learningRate); "
            + "expected one of at most \(Self.highestRate)"
        )
      }
      learningRateMultiplier = multiplier ?? 1
    }
  }

  /// The hyperparameters, from wherever the request has them.
  private static func hyperparameters(_ parameters: Parameters) throws(APIError) -> Parameters {
    let old = try parameters.object("hyperparameters")
    guard let method = try parameters.object("method") else {
      return Parameters(old ?? JSONObject(), prefix: "hyperparameters.")
    }
    guard old == nil else {
      throw .invalid(
        "hyperparameters",
        "'hyperparameters' and 'method' are both set; expected 'method'"
      )
    }
    let methodParameters = Parameters(method, prefix: "method.")
    try methodParameters.refuseOthers(than: ["type", "supervised"])
    guard try methodParameters.requiredText("type") == "supervised" else {
      throw .unsupported(
        "method.type",
        "'method.type' is not 'supervised', the one that is offered"
      )
    }
    let supervised = Parameters(
      try methodParameters.object("supervised") ?? JSONObject(),
      prefix: "method.supervised."
    )
    try supervised.refuseOthers(than: ["hyperparameters"])
    return Parameters(
      try supervised.object("hyperparameters") ?? JSONObject(),
      prefix: "method.supervised.hyperparameters."
    )
  }

  private static func count(
    _ key: String,
    _ given: Parameters,
    atMost most: Int64
  ) throws(APIError) -> Int? {
    if given[key] == "auto" { return nil }
    return try given.integer(key, in: 1...most).map { Int($0) }
  }

  private static func rate(
    _ key: String,
    _ given: Parameters,
    atMost most: Double
  ) throws(APIError) -> Double? {
    if given[key] == "auto" { return nil }
    guard let rate = try given.number(key, in: 0...most) else { return nil }
    guard rate > 0 else {
      throw .invalid(
        given.name(key),
        "'\(given.name(key))' is 0; nothing would be learned; expected more"
      )
    }
    return rate
  }

  var json: JSON {
    var object = JSONObject([
      ("n_epochs", JSON(epochs)), ("batch_size", JSON(batchSize)),
      ("learning_rate", .number(learningRate)),
    ])
    object["learning_rate_multiplier"] = learningRateMultiplier.map(JSON.number)
    return .object(object)
  }
}
