import Primitives
import Synchronization

/// Limits of requests and tokens a minute, as two buckets that fill steadily.
final class RateLimiter: Sendable {
  struct Limits: Sendable {
    let requests: Int
    let tokens: Int
  }

  /// What a request is told of the limits.
  struct State: Sendable {
    let limits: Limits
    let requests: Double
    let tokens: Double
    /// Seconds until a request like this one would be taken; 0 where this one was.
    let wait: Double

    /// Seconds until the buckets are full again.
    var requestsReset: Double {
      (Double(limits.requests) - requests) * 60 / Double(limits.requests)
    }
    var tokensReset: Double { (Double(limits.tokens) - tokens) * 60 / Double(limits.tokens) }
  }

  private struct Buckets {
    var requests: Double
    var tokens: Double
    var filledAt: ContinuousClock.Instant
  }

  private let limits: Limits
  private let buckets: Mutex<Buckets>

  init(_ limits: Limits) {
    self.limits = limits
    buckets = Mutex(
      Buckets(
        requests: Double(limits.requests),
        tokens: Double(limits.tokens),
        filledAt: .now
      )
    )
  }

  /// Takes a request of so many tokens out of the buckets if both have enough.
  func take(tokens: Int) -> State {
    buckets.withLock { buckets in
      let now = ContinuousClock.now
      let seconds = (now - buckets.filledAt).seconds
      buckets.filledAt = now
      let perSecond = (Double(limits.requests) / 60, Double(limits.tokens) / 60)
      buckets.requests = min(Double(limits.requests), buckets.requests + seconds * perSecond.0)
      buckets.tokens = min(Double(limits.tokens), buckets.tokens + seconds * perSecond.1)
      // More tokens than a full bucket holds would never be taken: they wait for a full one.
      let wanted = min(Double(tokens), Double(limits.tokens))
      let wait = max(
        (1 - buckets.requests) / perSecond.0,
        (wanted - buckets.tokens) / perSecond.1,
        0
      )
      if wait == 0 {
        buckets.requests -= 1
        buckets.tokens -= wanted
      }
      return State(
        limits: limits,
        requests: buckets.requests,
        tokens: buckets.tokens,
        wait: wait
      )
    }
  }
}
