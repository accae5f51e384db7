import Primitives

/// The body of a successful chat completion, strictly read.
enum ChatReply {
  /// Why the bytes are no chat completion.
  struct Malformed: Error {
    let message: String
  }

  /// Reads the one answer in a body; whatever is not clearly an answer is malformed.
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
    let content = message["content"] ?? .null
    guard content.isNull || content.string != nil else {
      throw Malformed(message: "'content' is \(content.kindName); expected a text")
    }
    let text = content.string ?? ""
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
      usage: Answer.Usage(
        promptTokens: count(json["usage"]?["prompt_tokens"]),
        completionTokens: count(json["usage"]?["completion_tokens"])
      ),
      servedModel: json["model"]?.string
    )
  }

  /// A refusal or a filter outweighs a cut, and a cut outweighs an empty text: a model that reasons
  /// may spend all of its tokens before the first word.
  private static func state(
    _ reason: String?,
    text: String,
    isRefusal: Bool,
    callsTool: Bool
  ) -> Answer.State {
    if isRefusal { return .refused }
    if reason == "content_filter" { return .filtered }
    if callsTool || reason == "tool_calls" || reason == "function_call" { return .toolCall }
    if reason == "length" || reason == "max_tokens" { return .truncated }
    if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { return .empty }
    let ends: Set = ["stop", "eos", "eos_token", "end_turn", "stop_sequence"]
    return reason.map(ends.contains) ?? false ? .answered : .unknownFinish
  }

  private static func count(_ json: JSON?) -> Int? {
    json?.int.flatMap { $0 >= 0 ? $0 : nil }
  }
}

/// The API's form of an error, as far as a server keeps to it.
struct APIErrorBody {
  /// As the server has it: to be redacted, then shown by `ForeignText`.
  let text: String
  let type: String?
  let code: String?
  /// Whether the body is JSON at all, and so from the service and not from something before it.
  let isJSON: Bool

  /// Reads any body; what is not the API's form counts as text.
  init(_ bytes: [UInt8]) {
    if let json = try? JSON(parsing: bytes), json.object != nil {
      self.init(json)
    } else {
      self.init(text: String(decoding: bytes, as: UTF8.self), isJSON: false)
    }
  }

  init(_ json: JSON) {
    let error = json["error"] ?? json
    let text =
      error.string ?? error["message"]?.string ?? json["message"]?.string
      ?? json["detail"]?.string ?? json.compactText
    self.init(
      text: text,
      type: error["type"]?.string,
      code: error["code"]?.string,
      isJSON: true
    )
  }

  private init(text: String, type: String? = nil, code: String? = nil, isJSON: Bool) {
    self.text = text
    self.type = type
    self.code = code
    self.isJSON = isJSON
  }
}

/// Text from a server, made fit for a message.
enum ForeignText {
  /// One line of at most `limit` characters, control characters replaced: it may come from anywhere.
  static func shown(_ text: String, limit: Int = 400) -> String {
    var line = ""
    for scalar in text.unicodeScalars.prefix(limit * 4) {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: line += " "
      case .format, .surrogate, .privateUse, .unassigned: line += "\u{FFFD}"
      default: line.unicodeScalars.append(scalar)
      }
    }
    let words = line.split(separator: " ").joined(separator: " ")
    return words.count > limit ? "\(words.prefix(limit))…" : words
  }
}
