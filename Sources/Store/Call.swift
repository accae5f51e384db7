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
  /// The most that the call can cost; nil if a price is unknown.
  package let reserve: Money?
  /// The account that pays, besides the run's own: the workflow's name.
  package let account: String?
  /// Limits that must still hold when the reservation is added.
  package let budgets: [Budget]
  /// The runs whose answers count where fresh ones are wanted: this one, and those it goes on with.
  package let round: [String]

  package init(
    key: Digest,
    model: String,
    request: [UInt8],
    runID: String?,
    reserve: Money? = nil,
    account: String? = nil,
    budgets: [Budget] = [],
    round: [String] = []
  ) {
    self.key = key
    self.model = model
    self.request = request
    self.round = round.isEmpty ? runID.map { [$0] } ?? [] : round
    self.runID = runID
    self.reserve = reserve
    self.account = account
    self.budgets = budgets
  }

  var payer: PayerName { PayerName(run: runID, account: account) }
}

/// The right, and the duty, to send a call once; durable before it is given.
package struct Attempt: Hashable, Sendable {
  package let key: Digest
  /// Row of the ledger.
  package let id: Int64
  /// What the ledger would else look up again when the attempt ends.
  let terms: AttemptTerms

  /// Which attempt at its call, from 1.
  package var number: Int { AttemptID.number(of: id) }

  /// What the server is told, so that it charges all attempts for one answer once: 32 hexadecimal
  /// digits, the same until the call has an answer, another for the next one.
  package var idempotencyKey: String {
    IdempotencyKey.make(storeID: terms.storeID, call: key, answers: terms.answers)
  }
}

/// What was settled when an attempt was granted.
struct AttemptTerms: Hashable, Sendable {
  let storeID: String
  /// How many answers the call had.
  let answers: Int
  /// Row of `models`.
  let model: Int64
  /// Row of `payers`; nil if nobody in particular pays.
  let payer: Int64?
  /// Milliseconds since 1970, UTC.
  let startedAt: Int64
  let reserved: Money?
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
  /// Its worst case does not fit into a budget any more; nothing was reserved.
  case overBudget(BudgetShortfall)
  /// It waits in a batch that has not ended, and which this process follows or nobody does.
  case inBatch(RemoteJob)
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

/// An attempt's answer, on its way into the ledger.
package struct Settlement: Sendable {
  package let attempt: Attempt
  package let outcome: Outcome
  package let body: [UInt8]
  package let servedModel: String?
  package let tokens: TokenCounts
  /// Nil if unknown: then the reservation stands.
  package let cost: Money?
  package let detail: JSON?

  package init(
    _ attempt: Attempt,
    _ outcome: Outcome,
    body: [UInt8],
    servedModel: String?,
    tokens: TokenCounts,
    cost: Money? = nil,
    detail: JSON? = nil
  ) {
    self.attempt = attempt
    self.outcome = outcome
    self.body = body
    self.servedModel = servedModel
    self.tokens = tokens
    // What was turned away was not worked on.
    self.cost = outcome == .rejected ? cost ?? .zero : cost
    self.detail = detail
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
  /// Nil is unknown.
  package let cost: Money?
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
  package let account: String?
  /// What stays reserved for it; nil if its price was unknown.
  package let reserved: Money?
  /// What `leaveInDoubt` was told, as JSON; nil if the process ended without a word.
  package let detail: String?
  /// How many attempts at this call were given up for lost since its last answer.
  package let resends: Int
}
