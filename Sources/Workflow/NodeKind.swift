package import Diagnostics

/// A kind of node, as the language sees it: its fields, what it yields, and its rules.
///
/// How a kind runs is declared in `Execution` (`RunnableKind`), so that the language can be read,
/// checked and tested without store, services or scheduler.
package protocol NodeKind: Sendable {
  static var name: String { get }
  /// Raised when the same inputs would give another result.
  static var version: Int { get }
  /// A paragraph for the reference.
  static var doc: String { get }
  /// Every kind also takes `kind`, `with`, `each`, which the language adds by itself.
  static var fields: [Field] { get }
  /// Fields that are designed but not there yet: refused by name, not as unknown.
  static var notYet: [String] { get }
  /// What references to the node may take it for; `tune` is a decoding and a template.
  static var outputs: [ArtifactType] { get }
  /// Inputs that no field names because they follow from another one.
  static var derived: [DerivedInput] { get }

  /// Rules that concern several fields of one instance, or what it refers to.
  static func check(_ instance: Instance, in plan: Expansion) -> [Problem]
}

extension NodeKind {
  package static var notYet: [String] { [] }
  package static var derived: [DerivedInput] { [] }
  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] { [] }
}

/// An input found by following fields from node to node: a `parse` reads the answers of the
/// template that its completions were made with (`completions` → `template`).
package struct DerivedInput: Sendable {
  /// The name under which the kind finds it among its inputs.
  package let name: String
  /// Fields to follow, the first on the node itself.
  package let path: [String]
  /// The parts of the artifact found that are read; empty means all.
  package let parts: [String]
  /// What the first field must refer to for the input to be there; nil for anything.
  ///
  /// Nodes of several kinds have a field `data`, and it means different things.
  package let source: ArtifactType?

  package init(
    _ name: String,
    path: [String],
    parts: [String] = [],
    from source: ArtifactType? = nil
  ) {
    self.name = name
    self.path = path
    self.parts = parts
    self.source = source
  }

  /// Whether what an instance refers to is what the input is derived from.
  package func applies(to instance: Instance) -> Bool {
    guard let source, let field = path.first else { return true }
    guard case .instance(_, let type, _) = instance.settings.reference(field) else { return false }
    return type == source
  }
}
