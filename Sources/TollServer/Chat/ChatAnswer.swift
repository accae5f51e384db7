import Primitives

/// An answer to a chat request: a function of the request, and of a fault if there is one.
struct ChatAnswer: Sendable {
  struct Choice: Sendable {
    var content: String?
    var refusal: String?
    var toolCalls: JSON?
    /// Null and unknown words are faults.
    var finishReason: JSON
  }

  var id: String
  var object = "chat.completion"
  var model: String?
  var choices: [Choice]
  /// What is charged; what the answer says may differ.
  let charge: LedgerEntry.Charge
  /// What the answer says; nil leaves it out.
  var usage: JSON?

  /// Answers are alike on every day.
  static let created: Int64 = 1_700_000_000

  init(_ call: ChatCall) {
    id = "chatcmpl-\(call.digest.hex.prefix(24))"
    model = call.model
    choices = (0..<call.choices).map { Self.choice($0, of: call) }
    let completionTokens = choices.reduce(0) { $0 + Tokens.count($1.content?.utf8.count ?? 0) }
    charge = LedgerEntry.Charge(
      promptTokens: call.promptTokens,
      completionTokens: completionTokens
    )
    usage = [
      "prompt_tokens": JSON(charge.promptTokens),
      "completion_tokens": JSON(charge.completionTokens),
      "total_tokens": JSON(charge.promptTokens + charge.completionTokens),
    ]
  }

  /// `The answer is 417.`, cut at the limit of tokens; the number comes from the request's digest.
  private static func choice(_ index: Int, of call: ChatCall) -> Choice {
    let number =
      index == 0 ? call.digest.words.0 : Digest(of: "\(call.digest.hex) \(index)").words.0
    let text = "The answer is \(number % 1_000)."
    let most = (call.maxTokens ?? .max / Tokens.bytes) * Tokens.bytes
    guard text.utf8.count > most else { return Choice(content: text, finishReason: "stop") }
    return Choice(content: String(text.prefix(most)), finishReason: "length")
  }
}

// MARK: - As the API shows it

extension ChatAnswer {
  /// Source of the shape: openai-python `types/chat/chat_completion.py`.
  var json: JSON {
    var members = JSONObject([
      ("id", .string(id)), ("object", .string(object)), ("created", .integer(Self.created)),
    ])
    members["model"] = model.map(JSON.string)
    members["choices"] = .array(
      choices.enumerated().map { index, choice in
        ["index": JSON(index), "message": choice.message, "finish_reason": choice.finishReason]
      }
    )
    members["usage"] = usage
    members["system_fingerprint"] = "fp_toll"
    return .object(members)
  }
}

extension ChatAnswer.Choice {
  var message: JSON {
    var members = JSONObject([
      ("role", "assistant"), ("content", JSON(content)), ("refusal", JSON(refusal)),
    ])
    members["tool_calls"] = toolCalls
    return .object(members)
  }
}
