package import Primitives

/// A field of a node kind: the one declaration behind parser, checker, schema, reference and key.
package struct Field: Sendable {
  package let name: String
  package let type: FieldType
  package let isRequired: Bool
  /// Taken where the field is not written; typed like the field.
  package let defaultValue: JSON?
  /// Whether the field shapes the result and so stands in the action key.
  ///
  /// Transport settings, time limits, concurrency, prices and where to save do not.
  package let isInKey: Bool
  /// One or two sentences for hover and reference.
  package let doc: String

  package init(
    _ name: String,
    _ type: FieldType,
    required: Bool = false,
    default defaultValue: JSON? = nil,
    inKey: Bool = true,
    _ doc: String
  ) {
    self.name = name
    self.type = type
    self.isRequired = required
    self.defaultValue = defaultValue
    self.isInKey = inKey
    self.doc = doc
  }
}

/// What may stand in a field.
package indirect enum FieldType: Sendable {
  case text
  /// A whole number within bounds.
  case integer(ClosedRange<Int64>)
  /// A number within bounds; whole numbers are taken and typed as numbers.
  case number(ClosedRange<Double>)
  case boolean
  /// `5%` or a fraction from 0 to 1; yields the fraction.
  case percent
  /// `90s`, `15m`, `8h` or a number of seconds; yields seconds.
  case duration
  /// A day, `2026-11-21`, that is not in the future.
  case date
  /// One word of a list.
  case choice([String])
  /// A file, relative to the workflow; yields the absolute path. Its digest stands in the key.
  case path
  /// A node, model or library template that yields one of the types.
  case reference(Reference)
  case list(FieldType)
  /// One value or a list of them; yields a list.
  case oneOrMany(FieldType)
  /// Free names with a value each.
  case map(FieldType)
  /// A map with fields of its own.
  case record([Field])
  /// The first alternative whose form fits what is written.
  case either([FieldType])
  /// The name of an axis of the matrix.
  case axis
  /// Anything JSON can say.
  case any

  /// What a reference field takes.
  package struct Reference: Sendable {
    /// The artifact types it takes; the first is named in messages.
    package let types: [ArtifactType]
    /// The parts of the referred artifact that the kind reads, and so its key holds; empty means all.
    package let parts: [String]
    /// Whether the node does not run once for each point of what is referred to, but collects them
    /// all (a table's columns).
    package let isWide: Bool

    package init(_ types: [ArtifactType], parts: [String] = [], isWide: Bool = false) {
      self.types = types
      self.parts = parts
      self.isWide = isWide
    }
  }

  package static func reference(
    _ types: ArtifactType...,
    parts: [String] = [],
    isWide: Bool = false
  ) -> FieldType {
    .reference(Reference(types, parts: parts, isWide: isWide))
  }
}
