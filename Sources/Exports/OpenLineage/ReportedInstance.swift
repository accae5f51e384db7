import Lineage
package import Primitives
package import Store

/// What events say of an instance, be it of a run that goes on or of a record.
package struct ReportedInstance: Sendable {
  package let id: String
  package let kind: String
  /// `ran`, `reused`, `failed`, `skipped` or `interrupted`.
  package let status: String
  package let key: Digest?
  /// Digests consumed by slot, as in a record.
  package let inputs: JSONObject
  /// The instance behind each slot, as in a record; null in records of older releases.
  package let sources: JSON
  package let outputs: [(part: String, object: ObjectRef)]
  package let originRun: String?
  package let facts: JSONObject
  package let seconds: Double
  package let error: String?

  package init(
    id: String,
    kind: String,
    status: String,
    key: Digest?,
    inputs: JSONObject,
    sources: JSON = .null,
    outputs: [(part: String, object: ObjectRef)],
    originRun: String?,
    facts: JSONObject,
    seconds: Double,
    error: String?
  ) {
    self.id = id
    self.kind = kind
    self.status = status
    self.key = key
    self.inputs = inputs
    self.sources = sources
    self.outputs = outputs
    self.originRun = originRun
    self.facts = facts
    self.seconds = seconds
    self.error = error
  }

  init(_ recorded: RecordedInstance) {
    self.init(
      id: recorded.id,
      kind: recorded.kind,
      status: recorded.status,
      key: recorded.key,
      inputs: recorded.inputs,
      sources: recorded.json["sources"] ?? .null,
      outputs: recorded.outputs,
      originRun: recorded.originRun,
      facts: recorded.facts,
      seconds: recorded.seconds,
      error: recorded.error
    )
  }
}
