import Execution
import Primitives
import Store
import Workflow

/// The key of an instance: one function makes what is hashed and what `explain` compares.
enum ActionKey {
  /// Raised when the form of the preimage changes.
  static let format = 1

  /// Everything that shapes the result, and nothing else: no transport settings, time limits,
  /// prices, paths or times.
  static func preimage(
    of instance: Instance,
    _ inputs: Inputs,
    _ bindings: [Binding],
    versions: JSONObject
  ) -> JSON {
    [
      "format": JSON(format),
      "kind": .string(instance.kind.name),
      "kind_version": JSON(instance.kind.version),
      "settings": .object(settings(of: instance)),
      "inputs": .object(
        JSONObject(
          inputs.artifacts.enumerated().map { artifact(in: $1, at: $0, bindings) }
        )
      ),
      "models": .object(JSONObject(inputs.models.map { ($0.slot, $0.model.identity) })),
      "files": .object(
        JSONObject(inputs.files.map { ($0.slot, .string($0.file.object.digest.hex)) })
      ),
      "versions": .object(versions),
    ]
  }

  /// The settings that shape the result, with defaults; references and files stand elsewhere.
  private static func settings(of instance: Instance) -> JSONObject {
    var members: [(key: String, value: JSON)] = []
    for field in instance.kind.fields where field.isInKey {
      guard let value = instance.settings[field.name] else { continue }
      if let json = plain(value) { members.append((field.name, json)) }
    }
    return JSONObject(members)
  }

  /// A value without the references and files inside it; nil where nothing else is.
  private static func plain(_ value: SettingValue) -> JSON? {
    switch value.kind {
    case .json(let json): return json
    case .path, .reference, .wide: return nil
    case .list(let values):
      let elements = values.compactMap(plain)
      return elements.isEmpty && !values.isEmpty ? nil : .array(elements)
    case .map(let members):
      let pairs = members.compactMap { member in
        plain(member.value).map { (key: member.name, value: $0) }
      }
      return pairs.isEmpty && !members.isEmpty ? nil : .object(JSONObject(pairs))
    }
  }

  /// The digests of the parts consumed; of a wide reference also the name of the instance and its
  /// place, since a table shows both.
  private static func artifact(
    in entry: (slot: String, input: InputArtifact),
    at position: Int,
    _ bindings: [Binding]
  ) -> (key: String, value: JSON) {
    var members: [(key: String, value: JSON)] = entry.input.artifact.parts.map {
      ($0.part, .string($0.object.digest.hex))
    }
    let binding = bindings.first { $0.slot == entry.slot }
    if case .artifact(_, _, _, _, isWide: true) = binding?.target {
      members.append(("@instance", .string(entry.input.instance.text)))
      members.append(("@position", JSON(position)))
    }
    return (entry.slot, .object(JSONObject(members)))
  }
}
