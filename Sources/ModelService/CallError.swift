package import Diagnostics
package import Primitives

/// Why a call has no answer.
package enum CallError: Error, Sendable {
  /// The endpoint cannot be used; the same for every later call of it.
  case stopped(EndpointStop)
  /// Sent, and no answer known: it may have been paid. The policy allows no further sending.
  case inDoubt(CallTrouble)
  /// Refused as often as the policy allows; nothing was paid.
  case unanswered(CallTrouble)
  /// It stands in a batch that nobody follows; nothing is sent twice.
  case inBatch(CallTrouble)
  /// There is a budget, and nobody can say what the call may cost; nothing was sent.
  case unlimited(Problem)
}

/// One call that failed.
package struct CallTrouble: Hashable, Sendable {
  package let key: Digest
  /// Sendings that this process made.
  package let attempts: Int
  /// What went wrong last.
  package let message: String
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
    case .inBatch(let trouble):
      "call \(trouble.key.short) stands in \(trouble.message); 'distill run' with mode: batch or "
        + "'distill jobs' follows it"
    case .unlimited(let problem): problem.message
    }
  }
}
