import Diagnostics
import Primitives

/// A field's value, checked and typed at a point of the matrix, references not yet followed.
///
/// `Sendable` is said and not left to be inferred, here and of what it holds: inferring it of two
/// types that hold each other sends the 6.3.1 compiler in a circle, depending on the order in which
/// it reads the files.
struct DraftValue: Sendable {
  enum Kind: Sendable {
    case json(JSON)
    case path(String, written: String)
    case reference(DraftReference)
    case list([DraftValue])
    case map([(name: String, value: DraftValue)])
  }

  let kind: Kind
  let location: Location?

  init(_ kind: Kind, at location: Location?) {
    self.kind = kind
    self.location = location
  }

  /// All references in the value.
  var references: [DraftReference] {
    switch kind {
    case .json, .path: []
    case .reference(let reference): [reference]
    case .list(let values): values.flatMap(\.references)
    case .map(let members): members.flatMap { $0.value.references }
    }
  }
}

/// The fields of a node, a model or a map with fields of its own.
struct DraftMembers: Sendable {
  let values: [(name: String, value: DraftValue)]
  /// Whether no field was wrong, missing or still pending.
  let areSound: Bool

  subscript(name: String) -> DraftValue? { values.first { $0.name == name }?.value }
}

/// A reference with what its field takes.
struct DraftReference: Sendable {
  let text: ReferenceText
  let type: FieldType.Reference
  /// The field's name, for messages.
  let field: String
  let location: Location
}
