/// How far the service goes for an answer.
package struct CallPolicy: Hashable, Sendable {
  /// Sendings of one call that the server refused or that never left, in all.
  package var attempts: Int
  /// Sendings of one call by one process after a sending in doubt, its own or a dead process's; each
  /// may be a second payment.
  ///
  /// By a process and not for ever: who starts another run decides anew, and a run that is killed
  /// again and again must still come to its end.
  package var resends: Int
  /// A server that asks for a longer wait stops its endpoint.
  package var longestWait: Duration

  package init(attempts: Int = 6, resends: Int = 1, longestWait: Duration = .seconds(300)) {
    precondition(attempts > 0, "BUG: a policy of \(attempts) attempts answers nothing")
    self.attempts = attempts
    self.resends = resends
    self.longestWait = longestWait
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
