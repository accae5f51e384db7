import Primitives
import Synchronization

/// Idempotency keys and what they were first used for.
///
/// As Stripe has it: the same key with the same body brings the saved answer, with another body an
/// error. Answers are functions of their requests, so that saving the request's digest saves the
/// answer.
final class KeyBook: Sendable {
  enum Claim: Sendable {
    case new
    /// Used before for the same body, perhaps with a fault that shaped its answer.
    case used(Fault?)
    case clash
  }

  private let uses: Mutex<[String: LedgerHistory.KeyUse]>

  init(_ history: LedgerHistory) { uses = Mutex(history.keys) }

  /// Takes a key for a body, or finds what it was taken for.
  func claim(_ key: String, for body: Digest, fault: Fault?) -> Claim {
    uses.withLock { uses in
      guard let use = uses[key] else {
        uses[key] = LedgerHistory.KeyUse(body: body, fault: fault)
        return .new
      }
      return use.body == body ? .used(use.fault) : .clash
    }
  }
}
