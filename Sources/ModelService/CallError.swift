package import Primitives

/// Why a call has no answer.
package enum CallError: Error, Sendable {
  /// The endpoint cannot be used; the same for every later call of it.
  case stopped(EndpointStop)
  /// Sent, and no answer known: it may have been paid. The policy allows no further sending.
  case inDoubt(CallTrouble)
  /// Refused as often as the policy allows; nothing was paid.
  case unanswered(CallTrouble)
}

/// One call that failed.
package struct CallTrouble: Hashable, Sendable {
  package let key: Digest
  /// Sendings that this process made.
  package let attempts: Int
  /// What went wrong last.
  package let message: String
}

/// Why an endpoint is not asked any more.
package struct EndpointStop: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// The key is missing, wrong or not allowed to (401, 403).
    case authentication
    /// No such model or service (404).
    case notFound
    /// The account has no money or no quota left.
    case quota
    /// The server asks for a longer wait than the policy allows.
    case rateLimit
    /// It answers with a redirect.
    case redirect
    /// No connection could be made.
    case unreachable
    /// It refuses in another way that no retry mends.
    case refused
  }

  package let kind: Kind
  package let message: String
  package let hint: String?

  package init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// Whether waiting or paying mends it: the run is paused, not failed.
  package var isPause: Bool { kind == .quota || kind == .rateLimit }
}

extension CallError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .stopped(let stop): stop.message
    case .inDoubt(let trouble):
      "call \(trouble.key.short) is in doubt: it was sent, may have been paid, and has no answer "
        + "(\(trouble.message))"
    case .unanswered(let trouble):
      "call \(trouble.key.short) was refused \(trouble.attempts) times: \(trouble.message)"
    }
  }
}
