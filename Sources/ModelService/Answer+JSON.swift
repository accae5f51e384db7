package import Diagnostics
package import Primitives
import Store

extension Answer {
  /// The form that the ledger keeps.
  package var json: JSON {
    var members = JSONObject([("state", .string(state.rawValue)), ("text", .string(text))])
    members["finish_reason"] = finishReason.map(JSON.string)
    members["refusal"] = refusal.map(JSON.string)
    members["prompt_tokens"] = usage.promptTokens.map { JSON($0) }
    members["completion_tokens"] = usage.completionTokens.map { JSON($0) }
    members["cached_tokens"] = usage.cachedTokens.map { JSON($0) }
    members["reasoning_tokens"] = usage.reasoningTokens.map { JSON($0) }
    members["model"] = servedModel.map(JSON.string)
    members["rejection"] = rejection.map(JSON.string)
    members["extras"] = extras.isEmpty ? nil : .object(extras)
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
        completionTokens: json["completion_tokens"]?.int,
        cachedTokens: json["cached_tokens"]?.int,
        reasoningTokens: json["reasoning_tokens"]?.int
      ),
      servedModel: json["model"]?.string,
      rejection: json["rejection"]?.string,
      extras: json["extras"]?.object ?? JSONObject()
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

  /// The answer without the key, should the service have put it there.
  ///
  /// Read from the canonical form, where each writer's escapes are undone.
  func redacted(_ secret: Secret?) -> Answer {
    guard let secret, secret.isFound(in: json.canonical) else { return self }
    // The text says `(secret)` then: whoever gave the key away, it was not the model.
    guard let clean = try? Answer(json: secret.redacted(json)) else {
      preconditionFailure("BUG: an answer without its key is no answer")
    }
    return clean
  }
}
