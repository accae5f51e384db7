import Execution
import Workflow

/// The datasets that an instance rests on, and what was done with the rows of each.
struct RowLineage {
  /// A dataset in the slot of an instance that does something with its rows.
  struct Use: Hashable {
    let role: RowUse.Role
    let dataset: InstanceID
    /// Who does it.
    let user: InstanceID
  }

  /// An instance met on the way, and what rows count as that are put into a training set there: those
  /// of the validation of a fine-tune are not trained on.
  private struct Visit: Hashable {
    let id: InstanceID
    var role = RowUse.Role.training
    /// Whose validation it is.
    var validated: InstanceID?
  }

  private let resolver: InputResolver
  private var seen: Set<Visit> = []
  private(set) var uses: [Use] = []

  /// All uses of rows behind an instance, its own scoring left out.
  init(upstreamOf id: InstanceID, _ resolver: InputResolver) {
    self.resolver = resolver
    walk(Visit(id: id))
  }

  /// The datasets that an instance itself scores.
  static func tests(of instance: Instance, _ resolver: InputResolver) -> [Use] {
    let bindings = resolver.bindings[instance.id] ?? []
    return bindings.compactMap { binding in
      guard let use = Self.use(of: binding, by: instance), use.role == .test,
        let dataset = binding.dependency, isDataset(dataset, resolver)
      else { return nil }
      return Use(role: .test, dataset: dataset, user: instance.id)
    }
  }

  private mutating func walk(_ visit: Visit) {
    guard seen.insert(visit).inserted, let instance = resolver.expansion[visit.id] else { return }
    for binding in resolver.bindings[visit.id] ?? [] {
      guard let source = binding.dependency else { continue }
      let use = Self.use(of: binding, by: instance).flatMap { $0.role == .test ? nil : $0 }
      if let use, Self.isDataset(source, resolver) {
        add(use, source, visit)
      } else if let use {
        walk(Visit(id: source, role: use.role, validated: visit.id))
      } else {
        walk(Visit(id: source, role: visit.role, validated: visit.validated))
      }
    }
  }

  private mutating func add(_ use: RowUse, _ dataset: InstanceID, _ visit: Visit) {
    let found =
      use.role == .training
      ? Use(role: visit.role, dataset: dataset, user: visit.validated ?? visit.id)
      : Use(role: use.role, dataset: dataset, user: visit.id)
    if !uses.contains(found) { uses.append(found) }
  }

  private static func isDataset(_ id: InstanceID, _ resolver: InputResolver) -> Bool {
    resolver.expansion[id]?.kind.outputs.contains(.dataset) == true
  }

  private static func use(of binding: Binding, by instance: Instance) -> RowUse? {
    Engine.runnable(instance).rowUses.first { use in
      binding.slot == use.slot || binding.slot.hasPrefix("\(use.slot)[")
    }
  }
}
