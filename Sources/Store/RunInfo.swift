/// How a run stands, or how it ended.
package enum RunStatus: String, Sendable, CaseIterable {
  case running, succeeded, failed, interrupted, paused
}

/// A line of the list of runs.
package struct RunInfo: Hashable, Sendable {
  /// `20261121-021608-4f3a2b`: when it started in UTC, and six random digits.
  package let id: String
  package let workflow: String
  /// Milliseconds since 1970, UTC.
  package let startedAt: Int64
  package let endedAt: Int64?
  package let status: RunStatus
  package let commit: String?
  /// Whether the process that runs it lives.
  ///
  /// A run that is `running` and not live was killed.
  package let isLive: Bool
}
