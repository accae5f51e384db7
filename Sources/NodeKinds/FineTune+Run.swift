package import Execution
import Logging
import ModelService
import Primitives
import Store
import Workflow

extension FineTune {
  /// What the provider's API cannot express is an error before anything is labelled for it.
  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    guard let model = inputs.models.first(where: { $0.slot == "model" })?.model else { return }
    if case .checkpoint = model.target { return }
    let endpoint = try await services.models.endpoint(for: model)
    if let problem = settings(inputs, endpoint).problem(at: endpoint) { throw problem }
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let model = inputs.requireModel("model")
    if case .nothing(let list) = services.asking {
      try list(["job": "fine-tune", "model": model.identity])
      throw NodeFailure(
        "the fine-tuned model is not there, and --frozen starts no job",
        hint: "without --frozen it is trained"
      )
    }
    let endpoint = try await services.models.endpoint(for: model)
    let request = try await Self.request(inputs, endpoint, services.objects)
    let key = try await jobKey(inputs, model, request, services)
    let tuned: FineTunedModel
    do {
      tuned = try await services.models.calls.fineTuning.tune(request, key: key, at: endpoint) {
        services.log.info("\(inputs.instance.id): \($0.message)")
      }
    } catch let error as FineTuningError {
      throw failure(error)
    }
    try await record(tuned, model, output, services.objects)
    return NodeOutcome(facts: facts(of: tuned, endpoint))
  }

  private static func failure(_ error: FineTuningError) -> NodeFailure {
    guard case .overBudget = error else { return NodeFailure("\(error)") }
    return NodeFailure(
      "\(error)",
      reason: .paused,
      hint: "raise 'budget' (or '--max-cost'), or train on fewer rows or epochs, and run again"
    )
  }

  /// Money only where it is known, since unknown is not zero.
  private static func facts(of tuned: FineTunedModel, _ endpoint: ModelEndpoint) -> JSONObject {
    var facts = JSONObject([("job", .string(tuned.jobID))])
    if let tokens = tuned.trainedTokens { facts["trained_tokens"] = JSON(tokens) }
    if !tuned.checkpoints.isEmpty { facts["checkpoints"] = .array(tuned.checkpoints) }
    let cost = endpoint.isFree ? Money.zero : tuned.cost
    if let cost { facts["cost_usd"] = .number(cost.usd) }
    return facts
  }

  private static func request(
    _ inputs: Inputs,
    _ endpoint: ModelEndpoint,
    _ objects: ObjectStore
  ) async throws -> FineTuningRequest {
    var request = settings(inputs, endpoint)
    let rows = inputs.require("data").require(Part.rows)
    request.trainingFile = try await objects.verifiedPath(rows)
    if let validation = inputs.artifact("validation") {
      request.validationFile = try await objects.verifiedPath(validation.require(Part.rows))
    }
    return request
  }

  /// The request without its files.
  private static func settings(_ inputs: Inputs, _ endpoint: ModelEndpoint) -> FineTuningRequest {
    let settings = inputs.settings
    let multiplier = settings.number("batch_size_multiplier") ?? 1
    let rateMultiplier = settings.number("learning_rate_multiplier")
    // A provider's job API takes no rate: where none is written, its own default holds.
    let usual = endpoint.address.isLocal && rateMultiplier == nil ? learningRate : nil
    return FineTuningRequest(
      trainingFile: "",
      epochs: settings.integer("epochs") ?? 5,
      batchSize: max(1, Int((Double(batchSize) * multiplier).rounded())),
      learningRate: settings.number("learning_rate") ?? usual,
      learningRateMultiplier: rateMultiplier,
      seed: Int64(settings.integer("seed") ?? 0)
    )
  }

  /// What the job is known by: model, files and settings, as in the action key, so that a job left
  /// behind by a killed run is found again.
  private static func jobKey(
    _ inputs: Inputs,
    _ model: ModelReference,
    _ request: FineTuningRequest,
    _ services: Services
  ) async throws -> Digest {
    let training = inputs.require("data").require(Part.rows).digest.hex
    let validation = inputs.artifact("validation")?.require(Part.rows).digest.hex
    var job = JSONObject([
      ("job", "fine-tune"), ("model", model.identity), ("training", .string(training)),
      ("validation", JSON(validation)), ("epochs", JSON(request.epochs)),
      ("batch_size", request.batchSize.map { JSON($0) } ?? .null),
      ("learning_rate", request.learningRate.map(JSON.number) ?? .null),
      ("learning_rate_multiplier", request.learningRateMultiplier.map(JSON.number) ?? .null),
      ("seed", request.seed.map(JSON.integer) ?? .null),
    ])
    // A job of an earlier run does not count, but for runs that this one goes on with.
    if services.asking.isAnew { job["fresh"] = .string(services.roundID) }
    return Digest(of: JSON.object(job).canonical)
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
    for file in tuned.resultFiles {
      await output.add(Part.result(file.name), try await objects.put(file.bytes))
    }
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
