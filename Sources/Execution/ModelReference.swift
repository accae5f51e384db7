package import ModelService
package import Primitives
package import Workflow

/// A model that an instance calls or trains: who it is, and what leads to it.
package struct ModelReference: Sendable {
  package enum Target: Sendable {
    case endpoint(ModelDeclaration.Endpoint)
    /// A checkpoint in the store, by the digest of its manifest; served by the tool itself.
    case checkpoint(Digest)
    /// A model tuned by a provider's job: its name there.
    case tuned(ModelDeclaration.Endpoint, name: String)
  }

  /// The declaration in `models:`; for a tuned model that of its base.
  package let declaration: ModelDeclaration
  package let target: Target
  /// What stands in keys.
  package let identity: JSON

  package init(declaration: ModelDeclaration, target: Target, identity: JSON) {
    self.declaration = declaration
    self.target = target
    self.identity = identity
  }
}

extension ModelReference {
  /// What its tokens cost; free where the tool itself serves the model.
  package var pricing: Pricing {
    if case .checkpoint = target { return .free }
    guard let price = declaration.price else { return Pricing() }
    return Pricing(
      input: price.input,
      output: price.output,
      training: price.training,
      batchShare: price.batch,
      asOf: price.asOf
    )
  }
}
