package import Primitives

/// A job at a provider (fine-tuning, batch), from the intent to its end.
package struct RemoteJob: Sendable {
  package let id: Int64
  /// The action or call key that it is for.
  package let key: Digest
  /// `fine-tune`, `batch`.
  package let kind: String
  package let model: String
  /// Unique; goes into the job's metadata, so that a job whose id was lost can be found again.
  package let tag: String
  package let remoteID: String?
  package let state: JobState
  package let detail: JSON
  /// Milliseconds since 1970, UTC.
  package let createdAt: Int64
  package let updatedAt: Int64
  package let runID: String?
}

package enum JobState: String, Sendable, CaseIterable {
  /// Durable before anything is sent: the job may or may not exist.
  case intended
  /// The provider gave its id.
  case created
  case succeeded, failed, cancelled

  package var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
}

/// What came of asking for a job.
package enum JobClaim: Sendable {
  /// Create it at the provider now, tagged with its `tag`.
  case created(RemoteJob)
  /// Succeeded, or under way: go on with it. If `intended`, look for its tag before creating it.
  case existing(RemoteJob)
  /// Another process that lives follows it: ask again later.
  case heldByOther
}
