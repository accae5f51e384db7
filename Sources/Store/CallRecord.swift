package import Primitives

/// Where a call stands, for lists.
package enum CallState: Hashable, Sendable {
  /// It may have been sent, and nobody alive answers for it.
  case inDoubt
  /// A process that lives is making it.
  case open
  /// It waits in a batch that has not ended.
  case inBatch
  /// Every attempt at it was released or given up: it can be made again.
  case free
  case recorded(Outcome)

  package static let all: [CallState] =
    [.inDoubt, .open, .inBatch, .free] + Outcome.allCases.map { .recorded($0) }

  package var name: String {
    switch self {
    case .inDoubt: "in-doubt"
    case .open: "open"
    case .inBatch: "in-batch"
    case .free: "free"
    case .recorded(let outcome): outcome.rawValue
    }
  }

  package init?(name: String) {
    guard let state = CallState.all.first(where: { $0.name == name }) else { return nil }
    self = state
  }
}

/// Which calls a list is to show: those that fit everything that is set.
package struct CallFilter: Hashable, Sendable {
  package var states: Set<CallState>?
  /// The run that made the attempt that counts.
  package var runID: String?
  /// The model's identity.
  package var model: String?
  /// The first hexadecimal digits of the key.
  package var keyPrefix: String?

  package init(
    states: Set<CallState>? = nil,
    runID: String? = nil,
    model: String? = nil,
    keyPrefix: String? = nil
  ) {
    self.states = states
    self.runID = runID
    self.model = model
    self.keyPrefix = keyPrefix
  }
}

/// Where a call stands in a list: pass that of the last one on to see more.
package struct CallPosition: Hashable, Sendable {
  enum Section: Int, Sendable {
    case inDoubt, underWay, ended
  }

  let section: Section
  /// Of an attempt.
  let id: Int64
}

/// A call as the ledger has it, for lists.
///
/// Run, cost, tokens and times are those of the attempt that counts: the one under way or in doubt,
/// else the latest with an answer, else the last.
package struct CallSummary: Hashable, Sendable {
  package let position: CallPosition
  package let key: Digest
  package let model: String
  package let state: CallState
  package let runID: String?
  package let account: String?
  /// How many there are, the one under way included.
  package let attempts: Int
  /// Nil is unknown.
  package let cost: Money?
  /// The worst case that was reserved; nil is unknown.
  package let reserved: Money?
  package let tokens: TokenCounts
  package let servedModel: String?
  /// Milliseconds since 1970, UTC.
  package let startedAt: Int64
  package let endedAt: Int64?
}

/// An attempt as the ledger has it, for lists.
package struct AttemptRecord: Hashable, Sendable {
  package let id: Int64
  package let number: Int
  package let runID: String?
  /// Milliseconds since 1970, UTC.
  package let startedAt: Int64
  package let endedAt: Int64?
  /// An `Outcome`, a `Release`, `lost` (given up), or nil: open, in a batch or in doubt.
  package let outcome: String?
  package let servedModel: String?
  package let tokens: TokenCounts
  /// The worst case that was reserved; nil is unknown.
  package let reserved: Money?
  /// Nil is unknown.
  package let cost: Money?
  /// JSON of the caller's.
  package let detail: String?
  /// What it was settled with; nil without an answer, and where it was not asked for.
  package let body: [UInt8]?
}

/// Everything about one call.
package struct CallDetail: Sendable {
  package let summary: CallSummary
  /// The canonical JSON of the logical request.
  package let request: [UInt8]
  /// First to last.
  package let attempts: [AttemptRecord]
}

/// What the attempts of one state at one model come to.
package struct CallSum: Hashable, Sendable {
  /// `in-doubt`, `open`, `in-batch`, an `Outcome`, a `Release`, or `lost`.
  package let state: String
  package let model: String
  package let attempts: Int
  /// Sums over the attempts whose counts are known; nil if none is.
  package let tokens: TokenCounts
  /// Over the attempts whose cost is known.
  package let cost: Money
  /// Worst cases that stand for costs that are not known.
  package let reserved: Money
  /// Attempts of which neither the cost nor the worst case is known.
  package let unpriced: Int
}
