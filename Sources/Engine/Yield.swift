package import Primitives
package import Store

/// What an instance came to, for those that depend on it.
package struct Yield: Sendable {
  package let key: Digest
  package let parts: [(part: String, object: ObjectRef)]
  /// The run that made the result; another one's when it is reused.
  package let originRun: String
  package let facts: JSON

  package subscript(part: String) -> ObjectRef? { parts.first { $0.part == part }?.object }
}

extension Yield {
  init(_ record: ResultRecord) {
    self.init(
      key: record.key,
      parts: record.outputs,
      originRun: record.runID,
      facts: record.facts
    )
  }

  var notes: [String] { facts["notes"]?.array?.compactMap(\.string) ?? [] }
}
