import Engine
import Execution
import Primitives
import Store
import TinyLlama
import Workflow

// What of a run goes into its record beside its outcomes.

extension RunSummary {
  /// The status as the store's list of runs has it.
  var storedStatus: RunStatus {
    switch status {
    case .succeeded: .succeeded
    case .failed: .failed
    case .interrupted: .interrupted
    case .paused: .paused
    }
  }
}

extension Session {
  /// The workflow's models with their identities, as keys have them.
  func modelsJSON() async throws -> JSON {
    var members: [(key: String, value: JSON)] = []
    for (name, model) in workflow.expansion.models.sorted(by: { $0.key < $1.key }) {
      let identity = try await catalog.reference(to: model).identity
      members.append((name, ["declared": ModelText.json(model), "identity": identity]))
    }
    return .object(JSONObject(members))
  }
}

/// What the machine adds to results: embedded training depends on the kernels that BLAS chooses.
enum Machine {
  static var json: JSON {
    [
      "runtime": .string(TinyLlamaRuntime.version),
      "blas": .string(TinyLlamaRuntime.trainingKernel),
    ]
  }
}

extension JSON {
  /// An object with further members behind its own.
  func adding(_ members: [(key: String, value: JSON)]) -> JSON {
    .object(JSONObject((object?.members ?? []).map { ($0.key, $0.value) } + members))
  }
}

/// A model declaration as the run record has it.
private enum ModelText {
  static func json(_ model: ModelDeclaration) -> JSON {
    switch model.source {
    case .embedded(.shipped(let name)): ["embedded": .string(name)]
    case .embedded(.folder(let path)): ["embedded": .string(path)]
    case .endpoint(let endpoint):
      [
        "base_url": .string(endpoint.baseURL), "model": .string(endpoint.model),
        "revision": JSON(endpoint.revision), "price": price(model.price),
      ]
    }
  }

  /// Prices and their date, by which the costs of the run were counted.
  private static func price(_ price: ModelDeclaration.Price?) -> JSON {
    guard let price else { return .null }
    return [
      "input": number(price.input), "output": number(price.output),
      "training": number(price.training), "batch": .number(price.batch), "as_of": JSON(price.asOf),
    ]
  }

  private static func number(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
}
