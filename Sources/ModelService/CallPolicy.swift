/// What becomes of a call that was sent, and whose answer is not known: it may have been paid.
package enum InDoubtPolicy: String, Hashable, Sendable, CaseIterable {
  /// It is sent again at most once ever, with the same idempotency key.
  case once
  /// It is never sent again by itself: it is listed, and people settle it.
  case ask
  /// It is sent again once by every run.
  case resend
  /// It is done without: recorded as `skipped`, kept out of all that follows.
  case skip
}

/// How far the service goes for an answer.
package struct CallPolicy: Hashable, Sendable {
  /// Sendings of one call that the server refused or that never left, in all.
  ///
  /// Refusals because of too many calls (429) do not count: see `patience`.
  package var attempts: Int
  package var inDoubt: InDoubtPolicy
  /// A server that asks for a longer wait pauses its endpoint.
  package var longestWait: Duration
  /// How long one call is put off (429), in all, before it is given up, or the endpoint is paused
  /// where no other call is answered meanwhile either.
  package var patience: Duration

  package init(
    attempts: Int = 6,
    inDoubt: InDoubtPolicy = .once,
    longestWait: Duration = .seconds(300),
    patience: Duration = .seconds(300)
  ) {
    precondition(attempts > 0, "BUG: a policy of \(attempts) attempts answers nothing")
    self.attempts = attempts
    self.inDoubt = inDoubt
    self.longestWait = longestWait
    self.patience = patience
  }

  /// The wait before the next attempt.
  ///
  /// 0.5 s, doubled each time up to 8 s, less up to a quarter. A wait that the server asked for is a
  /// floor, and up to a quarter (at most 5 s) is added to it.
  ///
  /// - Parameters:
  ///   - attempt: The attempt that failed, from 1.
  ///   - asked: What the server asked for.
  ///   - jitter: In `0..<1`.
  /// - Returns: Above zero.
  func wait(after attempt: Int, asked: Duration?, jitter: Double) -> Duration {
    let backoff = min(0.5 * Double(1 << min(attempt - 1, 10)), 8) * (1 - 0.25 * jitter)
    guard let asked else { return .seconds(backoff) }
    return max(asked + min(asked / 4, .seconds(5)) * jitter, .seconds(backoff))
  }
}
