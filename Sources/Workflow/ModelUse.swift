/// A model of the `models:` section that an instance asks or trains.
package struct ModelUse {
  package let instance: Instance
  package let model: ModelDeclaration
  /// Whether the instance trains it, and does not ask it.
  package let isTraining: Bool
  /// Whether the instance has to do with what a fine-tune made of the model.
  package let isTuned: Bool

  /// All uses, in the order of the instances.
  static func all(in expansion: Expansion) -> [ModelUse] {
    expansion.instances.flatMap { all(of: $0, in: expansion) }
  }

  /// The models that one instance asks or trains.
  package static func all(of instance: Instance, in expansion: Expansion) -> [ModelUse] {
    fields(of: instance).compactMap { field in
      base(of: instance, field, in: expansion).map { model, isTuned in
        ModelUse(
          instance: instance,
          model: model,
          // Who yields a model makes it of the one named; everybody else asks that one.
          isTraining: instance.kind.outputs.contains(.model),
          isTuned: isTuned
        )
      }
    }
  }

  /// Fields that take a model and nothing else: a command may name anything, and asks nobody.
  private static func fields(of instance: Instance) -> [String] {
    instance.kind.fields.compactMap { field in
      guard case .reference(let reference) = field.type, reference.types == [.model] else {
        return nil
      }
      return field.name
    }
  }

  /// The declared model behind a field, however many fine-tunes lie between.
  private static func base(
    of instance: Instance,
    _ field: String,
    in expansion: Expansion
  ) -> (model: ModelDeclaration, isTuned: Bool)? {
    switch instance.settings.reference(field) {
    case .model(let name)?: return expansion.models[name].map { ($0, false) }
    case .instance(let id, _, _)?:
      guard let maker = expansion[id], let field = fields(of: maker).first else { return nil }
      return base(of: maker, field, in: expansion).map { ($0.model, true) }
    case nil: return nil
    }
  }
}
