// Engine: instances to keys, keys to results; what runs, what is reused, and the record of it.
// It knows nothing of what the kinds do.

import Primitives
import Workflow

/// Something an instance's settings refer to, and where.
struct Binding: Sendable {
  enum Target: Sendable {
    case artifact(InstanceID, as: ArtifactType, output: String?, parts: [String], isWide: Bool)
    case model(ResolvedReference)
    case file(path: String, written: String)
  }

  let slot: String
  let target: Target

  /// The instance that must have succeeded before.
  var dependency: InstanceID? {
    switch target {
    case .artifact(let id, _, _, _, _): id
    case .model(let reference): reference.instance
    case .file: nil
    }
  }
}

extension Binding {
  /// All bindings of an instance: those of its fields in order, then the derived ones.
  static func all(of instance: Instance, in expansion: Expansion) -> [Binding] {
    var collector = BindingCollector()
    for field in instance.kind.fields {
      guard let value = instance.settings[field.name] else { continue }
      collector.collect(value, field.type, slot: field.name)
    }
    for derived in instance.kind.derived {
      let isTaken = collector.bindings.contains { $0.slot == derived.name }
      guard !isTaken, derived.applies(to: instance),
        let reference = expansion.follow(derived.path, from: instance),
        case .instance(let id, let type, let output) = reference
      else { continue }
      collector.bindings.append(
        Binding(
          slot: derived.name,
          target: .artifact(id, as: type, output: output, parts: derived.parts, isWide: false)
        )
      )
    }
    return collector.bindings
  }
}

/// Walks settings and field types side by side.
private struct BindingCollector {
  var bindings: [Binding] = []

  mutating func collect(_ value: SettingValue, _ type: FieldType, slot: String) {
    switch value.kind {
    case .json: break
    case .path(let path, let written):
      bindings.append(Binding(slot: slot, target: .file(path: path, written: written)))
    case .reference(let resolved):
      add(resolved, Self.reference(in: type), slot: slot, isWide: false)
    case .wide(let all):
      for (index, resolved) in all.enumerated() {
        add(resolved, Self.reference(in: type), slot: "\(slot)[\(index)]", isWide: true)
      }
    case .list(let values):
      for (index, element) in values.enumerated() {
        collect(element, type, slot: "\(slot)[\(index)]")
      }
    case .map(let members):
      for member in members { collect(member.value, type, slot: "\(slot).\(member.name)") }
    }
  }

  private mutating func add(
    _ resolved: ResolvedReference,
    _ reference: FieldType.Reference?,
    slot: String,
    isWide: Bool
  ) {
    let wantsModel = reference?.types == [.model]
    guard !wantsModel, case .instance(let id, let type, let output) = resolved else {
      bindings.append(Binding(slot: slot, target: .model(resolved)))
      return
    }
    bindings.append(
      Binding(
        slot: slot,
        target: .artifact(
          id,
          as: type,
          output: output,
          parts: reference?.parts ?? [],
          isWide: isWide
        )
      )
    )
  }

  /// The reference type inside a field's type; a field has at most one that fits a reference.
  private static func reference(in type: FieldType) -> FieldType.Reference? {
    switch type {
    case .reference(let reference): reference
    case .list(let element), .oneOrMany(let element), .map(let element): Self.reference(in: element)
    case .either(let types): types.lazy.compactMap { Self.reference(in: $0) }.first
    case .record(let fields): fields.lazy.compactMap { Self.reference(in: $0.type) }.first
    default: nil
    }
  }
}
