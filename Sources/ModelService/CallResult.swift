package import Primitives

/// What came of asking for an answer.
package struct CallResult: Sendable {
  package enum Origin: String, Sendable {
    /// Sent now.
    case made
    /// Recorded before, or by somebody else meanwhile; or done without, by the user's choice.
    case reused
  }

  package let key: Digest
  package let answer: Answer
  package let origin: Origin
  /// What the answer cost when it was made; nil is unknown.
  package let cost: Money?
}

/// What a service has done since it was made.
package struct CallCounts: Hashable, Sendable {
  /// Calls answered by sending.
  package var made = 0
  /// Calls answered from the ledger.
  package var reused = 0
  /// Calls in doubt that were given up, by the user's choice.
  package var skipped = 0
  /// Sendings that ended in doubt.
  package var inDoubt = 0
  /// Sendings, whatever came of them.
  package var attempts = 0
  /// What the calls made have cost, as far as it is known.
  package var spent: Money = .zero
  /// Calls made whose cost is not known.
  package var unknownCost = 0
  /// What the reused answers had cost, as far as it is known.
  package var saved: Money = .zero
  /// Reused answers whose cost is not known.
  package var unknownSaved = 0

  mutating func addMade(cost: Money?) {
    made += 1
    if let cost { spent += cost } else { unknownCost += 1 }
  }

  mutating func addReused(cost: Money?) {
    reused += 1
    if let cost { saved += cost } else { unknownSaved += 1 }
  }
}
