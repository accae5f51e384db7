package import Primitives

/// What an action key led to, once.
package struct ResultRecord: Sendable {
  package let key: Digest
  package let kind: String
  /// The parts of the artifact, in the order they were recorded.
  package let outputs: [(part: String, object: ObjectRef)]
  /// Usage, counts, timing, cost: whatever is not the result itself.
  package let facts: JSON
  package let runID: String
  /// Milliseconds since 1970, UTC.
  package let madeAt: Int64

  package subscript(part: String) -> ObjectRef? {
    outputs.first { UTF8Order.equal($0.part, part) }?.object
  }
}

/// Which key an instance of a workflow had when it was last settled.
package struct InstanceRecord: Hashable, Sendable {
  package let workflow: String
  package let instance: String
  package let key: Digest
  package let runID: String
}
