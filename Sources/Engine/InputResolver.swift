package import Execution
package import Primitives
import Store
package import Workflow

/// Turns bindings into inputs, from what is known so far.
struct InputResolver: Sendable {
  let expansion: Expansion
  let directory: any ModelDirectory
  let files: PinnedFiles
  let bindings: [InstanceID: [Binding]]

  init(_ expansion: Expansion, directory: any ModelDirectory, files: PinnedFiles) {
    self.expansion = expansion
    self.directory = directory
    self.files = files
    var bindings: [InstanceID: [Binding]] = [:]
    for instance in expansion.instances {
      bindings[instance.id] = Binding.all(of: instance, in: expansion)
    }
    self.bindings = bindings
  }

  func dependencies(of id: InstanceID) -> [InstanceID] {
    var seen: Set<InstanceID> = []
    return (bindings[id] ?? []).compactMap(\.dependency).filter { seen.insert($0).inserted }
  }

  /// The inputs of an instance; those of instances without a yield are left out.
  func inputs(
    of instance: Instance,
    _ yields: [InstanceID: Yield],
    _ objects: ObjectStore
  ) async throws -> Inputs {
    var artifacts: [(slot: String, input: InputArtifact)] = []
    var models: [(slot: String, model: ModelReference)] = []
    var found: [(slot: String, file: InputFile)] = []
    for binding in bindings[instance.id] ?? [] {
      switch binding.target {
      case .file(let path, let written):
        found.append((binding.slot, try files.file(path, written: written)))
      case .model(let reference):
        guard let model = try await model(reference, yields, objects) else { continue }
        models.append((binding.slot, model))
      case .artifact(let id, let type, let output, let wanted, _):
        guard let yield = yields[id], let source = expansion[id] else { continue }
        let parts = yield.parts.filter { wanted.isEmpty || wanted.contains($0.part) }
          .filter { output == nil || $0.part == output }
        let artifact = Artifact(type: type, parts: parts)
        artifacts.append(
          (
            binding.slot,
            InputArtifact(artifact: artifact, instance: id, point: source.point, output: output)
          )
        )
      }
    }
    if let template = files.templates[instance.id] { found.append(("use", template)) }
    return Inputs(instance: instance, artifacts: artifacts, models: models, files: found)
  }

  /// A declared model, or one that a fine-tune node made.
  private func model(
    _ reference: ResolvedReference,
    _ yields: [InstanceID: Yield],
    _ objects: ObjectStore
  ) async throws -> ModelReference? {
    switch reference {
    case .model(let name):
      guard let declaration = expansion.models[name] else {
        preconditionFailure("BUG: no model '\(name)'")
      }
      return try await directory.reference(to: declaration)
    case .instance(let id, _, _):
      guard let yield = yields[id], let tuner = expansion[id],
        let part = yield.parts.first(where: { $0.part == Part.model })?.object,
        let base = tuner.settings.reference("model")
      else { return nil }
      guard let baseModel = try await model(base, yields, objects) else { return nil }
      let json = try JSON(parsing: try await objects.read(part))
      return try directory.reference(toTuned: json, output: part.digest, base: baseModel)
    }
  }
}

/// Knows what models are: identities before any call, endpoints when there is something to send.
package protocol ModelDirectory: ModelGateway {
  func reference(to declaration: ModelDeclaration) async throws -> ModelReference
  /// A model that a fine-tune node made, from the `model` part of its result; that part's digest
  /// is the identity of a model that a provider tuned.
  func reference(
    toTuned json: JSON,
    output: Digest,
    base: ModelReference
  ) throws -> ModelReference
}
