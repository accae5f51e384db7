package import Primitives

/// A job at a provider, from the intent to its end.
package struct RemoteJob: Sendable {
  package let id: Int64
  /// The action or call key that it is for.
  package let key: Digest
  package let kind: JobKind
  package let model: String
  /// Unique; goes into the job's metadata, so that a job whose id was lost can be found again.
  package let tag: String
  package let remoteID: String?
  package let state: JobState
  /// What the caller keeps with it: the service's own status, file ids.
  package let detail: JSON
  /// Milliseconds since 1970, UTC.
  package let createdAt: Int64
  package let updatedAt: Int64
  package let runID: String?
  package let account: String?
  /// The most that it can cost; nil is unknown.
  ///
  /// A batch has zero: its money is its calls'.
  package let reserved: Money?
  package let cost: Money?
  /// Whether a process that lives follows it, this one included.
  package let isFollowed: Bool
}

package enum JobKind: String, Sendable, CaseIterable {
  case fineTune = "fine-tune"
  case batch
  /// A tuned model that is kept ready and costs by the hour.
  case deployment
}

package enum JobState: String, Sendable, CaseIterable {
  /// Durable before anything is sent: the job may or may not exist.
  case intended
  /// The provider gave its id.
  case created
  case succeeded, failed, cancelled

  package var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }

  /// The states of jobs that have not ended, written as SQL takes a list.
  static let open = "('intended', 'created')"
}

/// What came of asking for a job.
package enum JobClaim: Sendable {
  /// Create it at the provider now, tagged with its `tag`.
  case created(RemoteJob)
  /// Succeeded, or under way: go on with it. If `intended`, look for its tag before creating it.
  case existing(RemoteJob)
  /// Another process that lives follows it: ask again later.
  case heldByOther
  /// Its worst case does not fit into a budget any more; nothing was reserved.
  case overBudget(BudgetShortfall)
}
