package import Primitives

/// One message of a prompt.
package struct PromptMessage: Equatable, Sendable {
  /// `system`, `user` or `assistant`.
  package let role: String
  package let content: String

  package init(role: String, content: String) {
    self.role = role
    self.content = content
  }

  package var json: JSON { ["role": .string(role), "content": .string(content)] }

  package static func == (left: PromptMessage, right: PromptMessage) -> Bool {
    left.json == right.json
  }
}

/// What is asked of a model, in no server's dialect.
package struct LogicalRequest: Equatable, Sendable {
  package let messages: [PromptMessage]
  package let decoding: DecodingParameters
  /// The API's `response_format`, if the answer is to be JSON.
  package let responseFormat: JSON?

  package init(
    messages: [PromptMessage],
    decoding: DecodingParameters,
    responseFormat: JSON? = nil
  ) {
    self.messages = messages
    self.decoding = decoding
    self.responseFormat = responseFormat
  }

  /// The form in call keys.
  package var json: JSON {
    var members = JSONObject([
      ("messages", .array(messages.map(\.json))), ("decoding", decoding.json),
    ])
    members["response_format"] = responseFormat
    return .object(members)
  }
}

extension LogicalRequest {
  /// The canonical form of `json`, put together from its parts, and where the members of
  /// `decoding` stand in it.
  var canonical: (text: [UInt8], decodingMembers: Range<Int>) {
    let decoding = decoding.json.canonical
    var bytes: [UInt8] = []
    bytes.append(contentsOf: #"{"decoding":"#.utf8)
    let start = bytes.count
    bytes.append(contentsOf: decoding)
    bytes.append(contentsOf: #","messages":"#.utf8)
    bytes.append(contentsOf: JSON.array(messages.map(\.json)).canonical)
    if let responseFormat {
      bytes.append(contentsOf: #","response_format":"#.utf8)
      bytes.append(contentsOf: responseFormat.canonical)
    }
    bytes.append(UInt8(ascii: "}"))
    return (bytes, (start + 1)..<(start + decoding.count - 1))
  }

  /// The body of `POST /chat/completions`; it never enters a key.
  func wireBody(model: String, draw: Draw, dialect: Dialect) -> [UInt8] {
    var members = JSONObject([
      ("model", .string(model)),
      ("messages", .array(messages.map(\.json))),
      ("temperature", .number(decoding.temperature)),
      ("top_p", .number(decoding.topP)),
    ])
    members[dialect.tokenLimitField.rawValue] = decoding.maxTokens.map { JSON($0) }
    members["top_k"] = decoding.topK.map { JSON($0) }
    members["stop"] = decoding.stop.isEmpty ? nil : .array(decoding.stop.map(JSON.string))
    members["frequency_penalty"] = decoding.frequencyPenalty.map(JSON.number)
    members["presence_penalty"] = decoding.presencePenalty.map(JSON.number)
    members["response_format"] = responseFormat
    members["seed"] = dialect.sendsSeed ? draw.wireSeed.map(JSON.integer) : nil
    return Array(JSON.object(members).compactText.utf8)
  }
}
