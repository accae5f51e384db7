package import Diagnostics
import Primitives

/// The name of an instance: `labels@gsm8k@cot`, or `labels` where the node has no axes.
///
/// Library templates that are referred to without a node are instances too: `math/cot`.
package struct InstanceID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }

  package var description: String { text }
  package static func < (left: Self, right: Self) -> Bool { UTF8Order.less(left.text, right.text) }
}

/// Where an instance stands in the matrix: one value for each of its axes, in matrix order.
package struct MatrixPoint: Hashable, Sendable {
  package let coordinates: [Coordinate]

  package struct Coordinate: Hashable, Sendable {
    package let axis: String
    /// The value as text: a map axis gives the key of the point.
    package let value: String

    package init(axis: String, value: String) {
      self.axis = axis
      self.value = value
    }
  }

  package init(_ coordinates: [Coordinate] = []) { self.coordinates = coordinates }

  package subscript(axis: String) -> String? { coordinates.first { $0.axis == axis }?.value }
}

/// A node at one point of the matrix, ready to be keyed and run.
package struct Instance: Sendable {
  package let id: InstanceID
  package let node: String
  package let kind: any NodeKind.Type
  package let point: MatrixPoint
  package let settings: Settings
  /// Where the node's name is written; nil for an implicit template instance.
  package let location: Location?

  package init(
    id: InstanceID,
    node: String,
    kind: any NodeKind.Type,
    point: MatrixPoint,
    settings: Settings,
    location: Location?
  ) {
    self.id = id
    self.node = node
    self.kind = kind
    self.point = point
    self.settings = settings
    self.location = location
  }
}

/// All instances of a workflow in an order where each stands behind those it refers to.
package struct Expansion: Sendable {
  package let instances: [Instance]
  package let models: [String: ModelDeclaration]
  private let positions: [InstanceID: Int]

  package init(instances: [Instance], models: [String: ModelDeclaration]) {
    self.instances = instances
    self.models = models
    var positions: [InstanceID: Int] = [:]
    for (position, instance) in instances.enumerated() { positions[instance.id] = position }
    self.positions = positions
  }

  package subscript(id: InstanceID) -> Instance? { positions[id].map { instances[$0] } }

  /// Follows fields from an instance to what the last one refers to; nil where a field is unset.
  package func follow(_ path: [String], from instance: Instance) -> ResolvedReference? {
    var current = instance
    for (step, field) in path.enumerated() {
      guard let reference = current.settings.reference(field) else { return nil }
      if step == path.count - 1 { return reference }
      guard let id = reference.instance, let next = self[id] else { return nil }
      current = next
    }
    return nil
  }
}
