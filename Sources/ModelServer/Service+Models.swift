import Primitives
import TinyLlama

extension Service {
  /// `GET /v1/models`: the named models and what this server has tuned.
  ///
  /// Any checkpoint of the store answers to its own name as well; a store is not listed through.
  func listModels() async -> APIResponse {
    let names = await catalog.names
    return APIResponse(["object": "list", "data": .array(names.map { Self.entry($0) })])
  }

  /// `GET /v1/models/{id}`, with what the model is: beyond the API's own members its checkpoint's
  /// name in the store, runtime, context and size.
  func model(_ name: String) async throws(APIError) -> APIResponse {
    let model = try await catalog.model(name)
    guard var entry = Self.entry(name).object else { return APIResponse(Self.entry(name)) }
    entry["checkpoint"] = .string(CheckpointManifest.modelName(of: model.digest))
    entry["runtime"] = .string(TinyLlamaRuntime.version)
    entry["context_length"] = JSON(model.checkpoint.configuration.contextLength)
    entry["parameters"] = JSON(model.checkpoint.parameterCount)
    return APIResponse(.object(entry))
  }

  private static func entry(_ name: String) -> JSON {
    ["id": .string(name), "object": "model", "created": 0, "owned_by": "distill"]
  }
}
