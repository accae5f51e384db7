package import Primitives

/// An attempt as the ledger has it, for lists.
package struct AttemptRecord: Hashable, Sendable {
  package let id: Int64
  package let number: Int
  package let runID: String?
  /// Milliseconds since 1970, UTC.
  package let startedAt: Int64
  package let endedAt: Int64?
  /// An `Outcome`, a `Release`, `lost` (given up and sent again), or nil: open or in doubt.
  package let outcome: String?
  package let servedModel: String?
  package let tokens: TokenCounts
  /// In millionths of a US dollar; nil is unknown.
  package let costMicros: Int64?
  /// JSON of the caller's.
  package let detail: String?
}

/// A call as the ledger has it, for lists.
package struct CallSummary: Hashable, Sendable {
  /// Row of the ledger: pass the last one on to see more.
  package let id: Int64
  package let key: Digest
  package let model: String
  package let attempts: Int
  /// Outcome of the selected attempt; nil without an answer.
  package let outcome: Outcome?
}
