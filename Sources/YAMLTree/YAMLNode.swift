// YAMLTree: a YAML document as a tree whose every node has a position.
// It knows libyaml and the YAML 1.2 core schema; it knows nothing about what keys mean.

package import Diagnostics

/// A node of the tree: a value and where it stands.
package struct YAMLNode: Sendable {
  package indirect enum Value: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([YAMLNode])
    case map([Entry])
  }

  /// One `key: value` of a map; keys are texts, in the order written.
  package struct Entry: Sendable {
    package let key: String
    package let keyLocation: Location
    package let value: YAMLNode

    package init(key: String, keyLocation: Location, value: YAMLNode) {
      self.key = key
      self.keyLocation = keyLocation
      self.value = value
    }
  }

  package let value: Value
  package let location: Location
  /// A scalar's characters as written, before the core schema gave them a type; nil for the rest.
  package let scalarText: String?
  /// Whether a scalar stood in quotes or as a block: such a scalar is always a text.
  package let isQuoted: Bool

  package init(
    _ value: Value,
    at location: Location,
    scalarText: String? = nil,
    isQuoted: Bool = false
  ) {
    self.value = value
    self.location = location
    self.scalarText = scalarText
    self.isQuoted = isQuoted
  }
}

extension YAMLNode {
  package var text: String? { if case .text(let text) = value { text } else { nil } }
  package var list: [YAMLNode]? { if case .list(let nodes) = value { nodes } else { nil } }
  package var map: [Entry]? { if case .map(let entries) = value { entries } else { nil } }

  /// The value under a key of a map; nil where there is none.
  package subscript(key: String) -> YAMLNode? {
    map?.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// What the value is, for messages: `a text` and the like.
  package var kindName: String {
    switch value {
    case .null: "nothing"
    case .bool: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .text: "a text"
    case .list: "a list"
    case .map: "a map"
    }
  }
}
