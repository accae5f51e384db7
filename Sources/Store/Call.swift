package import Primitives

/// A logical request, ready to be claimed.
package struct CallRequest: Sendable {
  /// The call key: what makes two calls the same.
  package let key: Digest
  /// The identity of the model that is asked.
  package let model: String
  /// The canonical JSON of the logical request, kept so that people can look at it.
  package let request: [UInt8]
  /// The run on whose behalf it is made.
  package let runID: String?

  package init(key: Digest, model: String, request: [UInt8], runID: String?) {
    self.key = key
    self.model = model
    self.request = request
    self.runID = runID
  }
}

/// The right, and the duty, to send a call once; durable before it is given.
package struct Attempt: Hashable, Sendable {
  package let key: Digest
  /// Row of the ledger.
  package let id: Int64
  /// Which attempt at its call, from 1.
  package let number: Int

  package init(key: Digest, id: Int64, number: Int) {
    self.key = key
    self.id = id
    self.number = number
  }
}

/// What came of asking for a call.
package enum Claim: Sendable {
  /// Send it now. Then settle it, release it or leave it in doubt: exactly one of them.
  case granted(Attempt)
  case recorded(RecordedAnswer)
  /// Another process that lives is sending it: `waitForOther`, then claim again.
  case heldByOther
  /// It may have been sent, and no answer is recorded. Resending may cost a second time.
  case inDoubt(InDoubtCall)
}

/// How an attempt ended for good.
///
/// These are cached: the same call is not made again.
package enum Outcome: String, Sendable, CaseIterable {
  case answered, truncated, refused, filtered, rejected
}

/// Why an attempt provably was not charged, so that the call is free to be made again.
package enum Release: String, Sendable, CaseIterable {
  /// No byte of it left: the connection failed.
  case notSent = "not-sent"
  /// The server said that it would not: 429, 503 with a body.
  case declined
}

/// Tokens as the server counted them; nil is unknown, never zero.
package struct TokenCounts: Hashable, Sendable {
  package var prompt: Int?
  package var completion: Int?

  package init(prompt: Int? = nil, completion: Int? = nil) {
    self.prompt = prompt
    self.completion = completion
  }
}

/// The answer of a call, as it was recorded.
package struct RecordedAnswer: Hashable, Sendable {
  package let key: Digest
  /// The attempt that brought it.
  package let attempt: Int64
  package let outcome: Outcome
  /// What the caller settled with.
  package let body: [UInt8]
  package let servedModel: String?
  package let tokens: TokenCounts
  /// In millionths of a US dollar; nil is unknown.
  package let costMicros: Int64?
  package let runID: String?
  /// Milliseconds since 1970, UTC.
  package let endedAt: Int64
}

/// A call that may have been sent, without a recorded answer.
package struct InDoubtCall: Hashable, Sendable {
  package let key: Digest
  package let model: String
  package let attempt: Attempt
  /// Milliseconds since 1970, UTC.
  package let startedAt: Int64
  package let runID: String?
  /// What `leaveInDoubt` was told, as JSON; nil if the process ended without a word.
  package let detail: String?
  /// How many earlier attempts at this call were given up for lost.
  package let resends: Int
}
