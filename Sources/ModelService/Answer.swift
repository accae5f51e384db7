package import Primitives
package import Store

/// What a model answered to one call.
///
/// It is final, whatever its state: it was paid for, is kept, and is not asked for again.
package struct Answer: Equatable, Sendable {
  /// The ledger's outcomes have the same names.
  package enum State: String, Sendable, CaseIterable {
    /// A text that the model ended by itself.
    case answered
    /// Cut at the token limit.
    case truncated
    /// The model declined, in the API's field for it.
    case refused
    /// The service withheld it (`content_filter`).
    case filtered
    /// The service cannot answer this request (400, 413, 422), or answers beyond all limits.
    case rejected
    /// No text, or white space alone.
    case empty
    /// A call of a tool in place of a text.
    case toolCall = "tool-call"
    /// The service names a reason for ending that says neither end nor cut, or none.
    case unknownFinish = "unknown-finish"
    /// The text ends by repeating itself (`Repetition`).
    case looped
    /// No answer: it was in doubt whether there ever was one, and the user chose to do without.
    case skipped
  }

  /// Tokens as the service counted them; nil is unknown, never zero.
  package struct Usage: Equatable, Sendable {
    package let promptTokens: Int?
    package let completionTokens: Int?
    /// Of the prompt's, those that the service had at hand from before.
    package let cachedTokens: Int?
    /// Of the completion's, those that went into thinking and do not stand in the text.
    package let reasoningTokens: Int?

    package init(
      promptTokens: Int? = nil,
      completionTokens: Int? = nil,
      cachedTokens: Int? = nil,
      reasoningTokens: Int? = nil
    ) {
      self.promptTokens = promptTokens
      self.completionTokens = completionTokens
      self.cachedTokens = cachedTokens
      self.reasoningTokens = reasoningTokens
    }

    /// Nil if one of both is unknown.
    var total: Int? {
      guard let promptTokens, let completionTokens else { return nil }
      let (sum, overflow) = promptTokens.addingReportingOverflow(completionTokens)
      return overflow ? nil : sum
    }
  }

  package let state: State
  /// Empty if there is none.
  package let text: String
  package let finishReason: String?
  package let refusal: String?
  package let usage: Usage
  /// The model as the service names it.
  package let servedModel: String?
  /// What the service said against the request, for `rejected`.
  package let rejection: String?
  /// What else the service said and was paid for: its id for the answer, its fingerprint, a text of
  /// reasoning, calls of tools.
  package let extras: JSONObject

  package init(
    _ state: State,
    text: String = "",
    finishReason: String? = nil,
    refusal: String? = nil,
    usage: Usage = Usage(),
    servedModel: String? = nil,
    rejection: String? = nil,
    extras: JSONObject = JSONObject()
  ) {
    self.state = state
    self.text = text
    self.finishReason = finishReason
    self.refusal = refusal
    self.usage = usage
    self.servedModel = servedModel
    self.rejection = rejection
    self.extras = extras
  }

  /// Whether the text may be used without looking further.
  package var isUsable: Bool { state == .answered }

  /// The ledger's name of the state.
  package var outcome: Outcome {
    guard let outcome = Outcome(rawValue: state.rawValue) else {
      preconditionFailure("BUG: the ledger has no outcome '\(state.rawValue)'")
    }
    return outcome
  }

  package static func == (left: Answer, right: Answer) -> Bool { left.json == right.json }
}
