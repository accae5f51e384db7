package import Diagnostics
package import Primitives
import Store

/// What a model answered to one call.
///
/// It is final, whatever its state: it was paid for, is kept, and is not asked for again.
package struct Answer: Equatable, Sendable {
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
  }

  /// Tokens as the service counted them; nil is unknown, never zero.
  package struct Usage: Equatable, Sendable {
    package let promptTokens: Int?
    package let completionTokens: Int?

    package init(promptTokens: Int? = nil, completionTokens: Int? = nil) {
      self.promptTokens = promptTokens
      self.completionTokens = completionTokens
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

  package init(
    _ state: State,
    text: String = "",
    finishReason: String? = nil,
    refusal: String? = nil,
    usage: Usage = Usage(),
    servedModel: String? = nil,
    rejection: String? = nil
  ) {
    self.state = state
    self.text = text
    self.finishReason = finishReason
    self.refusal = refusal
    self.usage = usage
    self.servedModel = servedModel
    self.rejection = rejection
  }

  /// Whether the text may be used without looking further.
  package var isUsable: Bool { state == .answered }

  /// The ledger's coarser state.
  var outcome: Outcome {
    switch state {
    case .answered: .answered
    case .truncated: .truncated
    case .refused: .refused
    case .filtered: .filtered
    case .rejected: .rejected
    // There was an answer, but no text in it that the model meant as one.
    case .empty, .toolCall, .unknownFinish: .refused
    }
  }

  package static func == (left: Answer, right: Answer) -> Bool { left.json == right.json }
}

extension Answer {
  /// The form that the ledger keeps.
  package var json: JSON {
    var members = JSONObject([("state", .string(state.rawValue)), ("text", .string(text))])
    members["finish_reason"] = finishReason.map(JSON.string)
    members["refusal"] = refusal.map(JSON.string)
    members["prompt_tokens"] = usage.promptTokens.map { JSON($0) }
    members["completion_tokens"] = usage.completionTokens.map { JSON($0) }
    members["model"] = servedModel.map(JSON.string)
    members["rejection"] = rejection.map(JSON.string)
    return .object(members)
  }

  /// Reads what `json` writes.
  package init(json: JSON) throws(Problem) {
    guard let state = json["state"]?.string.flatMap(State.init(rawValue:)),
      let text = json["text"]?.string
    else {
      throw Problem(
        "a recorded answer has no known state or no text",
        at: nil,
        hint: "a later release may have written it; update distill"
      )
    }
    self.init(
      state,
      text: text,
      finishReason: json["finish_reason"]?.string,
      refusal: json["refusal"]?.string,
      usage: Usage(
        promptTokens: json["prompt_tokens"]?.int,
        completionTokens: json["completion_tokens"]?.int
      ),
      servedModel: json["model"]?.string,
      rejection: json["rejection"]?.string
    )
  }

  init(_ recorded: RecordedAnswer) throws {
    let json: JSON
    do {
      json = try JSON(parsing: recorded.body)
    } catch {
      throw Problem(
        "the recorded answer of call \(recorded.key.short) is not JSON: \(error)",
        at: nil,
        hint: "run 'distill cache verify'"
      )
    }
    try self.init(json: json)
  }
}
