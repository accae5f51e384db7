package import Execution
import Logging
import ModelService
import Primitives
import Store
import Workflow

extension FineTune {
  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let model = inputs.requireModel("model")
    let endpoint = try await services.models.endpoint(for: model)
    let request = try await request(inputs, endpoint, services.objects)
    let key = try await jobKey(inputs, model, request, services.store)
    let tuned: FineTunedModel
    do {
      tuned = try await services.models.calls.fineTuning.tune(request, key: key, at: endpoint) {
        services.log.info("\(inputs.instance.id): \($0.message)")
      }
    } catch let error as FineTuningError {
      throw NodeFailure("\(error)")
    }
    try await record(tuned, model, output, services.objects)
    var facts = JSONObject([("job", .string(tuned.jobID))])
    if let tokens = tuned.trainedTokens { facts["trained_tokens"] = JSON(tokens) }
    return NodeOutcome(facts: facts)
  }

  private static func request(
    _ inputs: Inputs,
    _ endpoint: ModelEndpoint,
    _ objects: ObjectStore
  ) async throws -> FineTuningRequest {
    let settings = inputs.settings
    let multiplier = settings.number("batch_size_multiplier") ?? 1
    let rateMultiplier = settings.number("learning_rate_multiplier")
    var request = FineTuningRequest(
      trainingFile: try await objects.verifiedPath(inputs.require("data").require(Part.rows)),
      epochs: settings.integer("epochs") ?? 5
    )
    if let validation = inputs.artifact("validation") {
      request.validationFile = try await objects.verifiedPath(validation.require(Part.rows))
    }
    request.batchSize = max(1, Int((Double(batchSize) * multiplier).rounded()))
    request.learningRateMultiplier = rateMultiplier
    if rateMultiplier == nil {
      request.learningRate = settings.number("learning_rate") ?? learningRate
    }
    request.seed = Int64(settings.integer("seed") ?? 0)
    return request
  }

  /// What the job is known by: model, files and settings, as in the action key, so that a job left
  /// behind by a killed run is found again.
  private static func jobKey(
    _ inputs: Inputs,
    _ model: ModelReference,
    _ request: FineTuningRequest,
    _ store: Store
  ) async throws -> Digest {
    let training = inputs.require("data").require(Part.rows).digest.hex
    let validation = inputs.artifact("validation")?.require(Part.rows).digest.hex
    let job: JSON = [
      "job": "fine-tune", "model": model.identity, "training": .string(training),
      "validation": JSON(validation), "epochs": JSON(request.epochs),
      "batch_size": request.batchSize.map { JSON($0) } ?? .null,
      "learning_rate": request.learningRate.map(JSON.number) ?? .null,
      "learning_rate_multiplier": request.learningRateMultiplier.map(JSON.number) ?? .null,
      "seed": request.seed.map(JSON.integer) ?? .null,
    ]
    return Digest(of: job.canonical)
  }

  /// An embedded model is its checkpoint, whose files become parts, so that a result holds only
  /// while all of them are there; a provider's is its name there.
  private static func record(
    _ tuned: FineTunedModel,
    _ base: ModelReference,
    _ output: OutputWriter,
    _ objects: ObjectStore
  ) async throws {
    let curve = tuned.metrics.map { $0.canonicalText + "\n" }.joined()
    try await output.put(Part.curve, text: curve)
    guard case .checkpoint = base.target else {
      try await output.put(Part.model, ["job": .string(tuned.jobID), "tuned": .string(tuned.name)])
      return
    }
    guard tuned.name.hasPrefix("sha256:"), let digest = Digest(hex: tuned.name.dropFirst(7)),
      let manifest = objects.find(digest)
    else {
      throw NodeFailure("the tool's own server named the tuned model '\(tuned.name)'")
    }
    await output.add(Part.manifest, manifest)
    let files = try JSON(parsing: try await objects.read(digest))["files"]?.object
    for (name, file) in files?.members ?? [] {
      guard let hex = file["sha256"]?.string, let digest = Digest(hex: hex),
        let object = objects.find(digest)
      else {
        throw NodeFailure("checkpoint file '\(name)' of \(tuned.name) is not in the store")
      }
      await output.add(name, object)
    }
    try await output.put(Part.model, ["checkpoint": .string(digest.hex)])
  }
}
