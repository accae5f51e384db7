import Primitives
import Store

/// How far one call has come in this process, and what the policy makes of it.
struct Pursuit: Sendable {
  /// What is to be done after a sending that brought no answer.
  enum Next: Sendable {
    case again(after: Duration)
    case giveUp(CallError)
    case stop(EndpointStop)
  }

  let policy: CallPolicy
  /// All sendings.
  private(set) var attempts = 0
  /// Sendings that ended in doubt.
  private(set) var doubts = 0
  /// What went wrong last.
  private(set) var lastMessage = ""
  /// Whether the server has not asked us to leave it at that.
  private(set) var mayResend = true
  /// Sendings that were refused or never left, save those that came too often.
  private var fruitless = 0
  /// Sendings that came too often (429), and when the first of them ended.
  private var tooMany = 0
  private var firstTooMany: Duration?
  private var looks = 0

  init(policy: CallPolicy) {
    self.policy = policy
  }

  /// Takes note of a sending without answer.
  ///
  /// - Parameters:
  ///   - verdict: What became of it.
  ///   - key: The call's.
  ///   - endpoint: Who was asked.
  ///   - time: The clocks, and the jitter.
  ///   - hasAnswersSince: Whether other calls of the endpoint were answered since a moment.
  /// - Returns: How it goes on, or why it does not.
  mutating func next(
    after verdict: Verdict,
    key: Digest,
    endpoint: ModelEndpoint,
    time: Timekeeper,
    hasAnswersSince: (Duration) -> Bool
  ) -> Next {
    attempts += 1
    switch verdict {
    case .final, .stop: preconditionFailure("BUG: nothing comes after the end")
    case .declined(let refusal):
      lastMessage = refusal.message
      guard refusal.mayRetry else { return .giveUp(.unanswered(trouble(key))) }
      if let wait = refusal.wait, wait > policy.longestWait {
        return .stop(.longWait(endpoint, refusal.message, wait, now: time.wallClock()))
      }
      if refusal.isTooMany {
        return afterTooMany(refusal, key, endpoint, time, hasAnswersSince)
      }
      fruitless += 1
      guard fruitless < policy.attempts else { return .giveUp(.unanswered(trouble(key))) }
      return again(after: fruitless, asked: refusal.wait, time)
    case .notSent(let message):
      lastMessage = message
      fruitless += 1
      guard fruitless < policy.attempts else { return .stop(.unreachable(endpoint, message)) }
      return again(after: fruitless, asked: nil, time)
    case .inDoubt(let message, _, let mayResend):
      lastMessage = message
      doubts += 1
      self.mayResend = self.mayResend && mayResend
      return again(after: doubts, asked: nil, time)
    }
  }

  /// Patience is for the whole endpoint: where others are answered meanwhile, something is wrong
  /// with this one call, such as more tokens than a minute allows.
  private mutating func afterTooMany(
    _ refusal: Verdict.Refusal,
    _ key: Digest,
    _ endpoint: ModelEndpoint,
    _ time: Timekeeper,
    _ hasAnswersSince: (Duration) -> Bool
  ) -> Next {
    let now = time.now()
    let first = firstTooMany ?? now
    firstTooMany = first
    tooMany += 1
    guard now - first >= policy.patience else {
      return again(after: tooMany, asked: refusal.wait, time)
    }
    if hasAnswersSince(first) { return .giveUp(.unanswered(trouble(key))) }
    return .stop(.neverReady(endpoint, refusal.message, after: now - first))
  }

  private func again(after attempt: Int, asked: Duration?, _ time: Timekeeper) -> Next {
    .again(after: policy.wait(after: attempt, asked: asked, jitter: time.jitter()))
  }

  /// How long until a batch that somebody follows is looked at again: 1 s, then longer, up to 30 s.
  mutating func nextLook() -> Duration {
    looks += 1
    return .seconds(min(looks, 30))
  }

  /// Why a call in doubt is left at that.
  func inDoubt(_ doubt: InDoubtCall) -> CallError {
    let before = "an earlier run ended before its answer was recorded"
    let message = lastMessage.isEmpty ? before : lastMessage
    return .inDoubt(CallTrouble(key: doubt.key, attempts: attempts, message: message))
  }

  private func trouble(_ key: Digest) -> CallTrouble {
    CallTrouble(key: key, attempts: attempts, message: lastMessage)
  }
}
