import Primitives

/// The body of a successful chat completion, strictly read.
enum ChatReply {
  /// Why the bytes are no chat completion.
  struct Malformed: Error {
    let message: String
  }

  /// Reads the one answer in a body; whatever is not clearly an answer is malformed.
  ///
  /// Also malformed are bodies that two readers could take differently or that cannot be kept as
  /// they are: keys that stand twice, invalid UTF-8, lone surrogates, an unescaped NUL, `NaN`, more
  /// than 512 levels. A byte order mark before the body is passed over; an escaped NUL is text.
  static func read(_ body: [UInt8]) throws(Malformed) -> Answer {
    guard body.contains(where: { $0 > 0x20 }) else {
      throw Malformed(message: "the answer has no body")
    }
    let json: JSON
    do {
      json = try JSON(parsing: body)
    } catch {
      throw Malformed(message: "the answer is not JSON: \(error)")
    }
    if let error = json["error"], !error.isNull {
      throw Malformed(message: "the answer is an error: \(APIErrorBody(json).text)")
    }
    guard let choice = json["choices"]?.array?.first, let message = choice["message"]?.object else {
      throw Malformed(message: "the answer has no 'choices[0].message'")
    }
    return try answer(choice, message, in: json)
  }

  private static func answer(
    _ choice: JSON,
    _ message: JSONObject,
    in json: JSON
  ) throws(Malformed) -> Answer {
    let text = try text(message["content"] ?? .null)
    let refusal = message["refusal"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    let reason = choice["finish_reason"]?.string
    let callsTool =
      !(message["tool_calls"]?.array ?? []).isEmpty
      || message["function_call"]?.object != nil
    return Answer(
      state(reason, text: text, isRefusal: refusal != nil, callsTool: callsTool),
      text: text,
      finishReason: reason,
      refusal: refusal,
      usage: usage(json["usage"]),
      servedModel: json["model"]?.string,
      extras: extras(message, in: json)
    )
  }

  /// A text, or the texts of a list of parts: some services that reason answer in parts.
  private static func text(_ content: JSON) throws(Malformed) -> String {
    switch content {
    case .null: return ""
    case .string(let text): return text
    case .array(let parts):
      let texts = parts.filter { $0["type"]?.string == "text" }.map { $0["text"]?.string }
      guard !texts.isEmpty, !texts.contains(nil) else { break }
      return texts.compactMap(\.self).joined()
    default: break
    }
    throw Malformed(message: "'content' is \(content.kindName); expected a text")
  }

  /// A refusal or a filter outweighs all else.
  ///
  /// A loop outweighs a cut, since a higher limit would only make it longer, and a cut outweighs an
  /// empty text: a model that reasons may spend all of its tokens before the first word.
  private static func state(
    _ reason: String?,
    text: String,
    isRefusal: Bool,
    callsTool: Bool
  ) -> Answer.State {
    if isRefusal { return .refused }
    if reason == "content_filter" { return .filtered }
    if callsTool || reason == "tool_calls" || reason == "function_call" { return .toolCall }
    let isCut = reason == "length" || reason == "max_tokens"
    if Repetition.ends(text, isCut: isCut) { return .looped }
    if isCut { return .truncated }
    if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { return .empty }
    switch reason {
    case "stop", "eos", "eos_token", "end_turn", "stop_sequence": return .answered
    default: return .unknownFinish
    }
  }

  private static func usage(_ json: JSON?) -> Answer.Usage {
    Answer.Usage(
      promptTokens: count(json?["prompt_tokens"]),
      completionTokens: count(json?["completion_tokens"]),
      cachedTokens: count(json?["prompt_tokens_details"]?["cached_tokens"]),
      reasoningTokens: count(json?["completion_tokens_details"]?["reasoning_tokens"])
    )
  }

  /// A count below zero or beyond any text is none.
  private static func count(_ json: JSON?) -> Int? {
    json?.int.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
  }

  /// What has no place of its own in an answer and yet was paid for, or helps to find it again.
  private static func extras(_ message: JSONObject, in json: JSON) -> JSONObject {
    var extras = JSONObject()
    for name in ["id", "system_fingerprint"] {
      if let text = json[name]?.string, !text.isEmpty { extras[name] = .string(text) }
    }
    let known: Set = ["role", "content", "refusal"]
    for (name, value) in message.members where !known.contains(name) {
      switch value {
      case .null, .array([]): continue
      default: extras[name] = value
      }
    }
    return extras
  }
}
