import Execution
import ModelService
import Primitives
import Store
import Tasks
import Workflow

extension Questionnaire {
  /// What an instance with the fields `model`, `template`, `decoding`, `data`, `samples`, `seed`,
  /// `reroll` and `mode` asks.
  init(_ inputs: Inputs, _ services: Services) async throws {
    try await self.init(
      inputs,
      services,
      template: inputs.require("template"),
      decoding: Self.decoding(inputs, services.objects)
    )
  }

  init(
    _ inputs: Inputs,
    _ services: Services,
    template: Artifact,
    decoding: DecodingParameters
  ) async throws {
    let rows = inputs.require("data").require(Part.rows)
    try await self.init(
      inputs,
      services,
      template: template,
      decoding: decoding,
      source: DatasetRows(path: try await services.objects.verifiedPath(rows))
    )
  }

  /// What an instance asks with one template about the records of any source.
  init(
    _ inputs: Inputs,
    _ services: Services,
    template: Artifact,
    decoding: DecodingParameters,
    source: any RecordSource
  ) async throws {
    let prompt = try await services.objects.read(template.require(Part.prompt))
    try self.init(
      prompt: PromptTemplate(json: JSON(parsing: prompt)),
      decoding: decoding,
      model: inputs.requireModel("model"),
      source: source,
      samples: inputs.settings.integer("samples") ?? 1,
      seed: inputs.settings.integer("seed") ?? 0,
      rerolls: inputs.settings.integer("reroll") ?? 0,
      mode: inputs.settings.text("mode").flatMap(Mode.init) ?? .online
    )
  }

  /// The decoding that `decoding` names or writes out.
  static func decoding(
    _ inputs: Inputs,
    _ objects: ObjectStore
  ) async throws -> DecodingParameters {
    if let tuned = inputs.artifact("decoding") {
      let chosen = try await objects.read(tuned.require(Part.chosen))
      return try DecodingParameters(json: JSON(parsing: chosen))
    }
    return try inputs.settings.json("decoding").map { try DecodingParameters(json: $0) }
      ?? DecodingParameters()
  }
}
