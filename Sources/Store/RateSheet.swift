/// How hard one model is being used, by all processes of a store: what a file of `rates/` holds.
///
/// Plain values: what they mean for a call is decided by whoever makes calls. Times are nanoseconds
/// of the boot clock, which all processes of a machine share and nobody can set.
package struct RateSheet: BitwiseCopyable, Equatable, Sendable {
  /// Calls that may be in flight at once, as learnt; 0 before the first call.
  package var concurrency = 0.0
  /// How often the service's complaints have lowered `concurrency`, and when last.
  package var cuts: Int64 = 0
  package var lastCut: Int64 = 0
  /// The service asked not to be asked before this.
  package var blockedUntil: Int64 = 0
  /// All that was ever sent: two readings tell what went out between them.
  package var requestsSent = 0.0
  package var tokensSent = 0.0
  /// What the user allows a minute.
  package var statedRequests = RateBucket()
  package var statedTokens = RateBucket()
  /// What the service says that it allows.
  package var learntRequests = RateBucket()
  package var learntTokens = RateBucket()

  package init() {}
}

/// A limit on how much may be sent over time: it fills steadily, or all at once when a window ends.
package struct RateBucket: BitwiseCopyable, Equatable, Sendable {
  /// 0 is no limit.
  package var capacity = 0.0
  /// What may be sent now; below 0 is owed.
  package var level = 0.0
  package var perSecond = 0.0
  /// The moment that `level` is of.
  package var updatedAt: Int64 = 0
  /// When it is full at once; 0 if no such moment is known.
  package var fullAt: Int64 = 0

  package init() {}
}

/// What one process has of a model: its row in the file.
package struct RateShare: BitwiseCopyable, Equatable, Sendable {
  package var inFlight: Int32 = 0
  /// Above 0 if the process has calls that only others' calls in flight hold back.
  package var waiting: Int32 = 0

  package init() {}
}

/// What the other processes have of a model, added up.
package struct RateOthers: Equatable, Sendable {
  package var inFlight = 0
  /// Processes with a call in flight or waiting.
  package var active = 0
  /// Of those that wait, the fewest calls in flight that one has; nil if none waits.
  package var leastOfWaiting: Int?

  package init() {}
}
