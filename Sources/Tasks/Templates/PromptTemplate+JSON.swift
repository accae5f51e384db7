package import Diagnostics
package import Primitives

extension PromptTemplate {
  /// The part as an object of the store: `{"max_tokens", "messages", "examples"?, "shots"?,
  /// "turns"?}`.
  package var json: JSON {
    var object = JSONObject([
      ("max_tokens", JSON(maxTokens)),
      (
        "messages",
        .array(
          messages.map {
            ["role": .string($0.role.rawValue), "content": .string($0.content.source)]
          }
        )
      ),
    ])
    if shots > 0 {
      object["shots"] = JSON(shots)
      object["examples"] = .array(
        examples.map { .array(($0.question + [$0.answer]).map(\.json)) }
      )
    }
    object["turns"] = turnsField.map(JSON.string)
    return .object(object)
  }

  /// Reads the part back; tags have positions within their message.
  package init(json: JSON) throws(Problem) {
    guard let maxTokens = json["max_tokens"]?.int, let list = json["messages"]?.array else {
      throw Problem("a prompt must have 'max_tokens' and 'messages'", at: nil)
    }
    var messages: [MessageTemplate] = []
    for (index, message) in list.enumerated() {
      let plain = try ChatMessage(json: message)
      let origin = TextOrigin.part("message \(index + 1)")
      messages.append(
        MessageTemplate(
          role: plain.role,
          content: try TextTemplate(plain.content, origin: origin)
        )
      )
    }
    var examples: [Example] = []
    for example in json["examples"]?.array ?? [] {
      var turns: [ChatMessage] = []
      for message in example.array ?? [] { turns.append(try ChatMessage(json: message)) }
      guard let answer = turns.popLast() else {
        throw Problem("an example of a prompt must have messages", at: nil)
      }
      examples.append(Example(question: turns, answer: answer))
    }
    self.init(
      messages: messages,
      maxTokens: maxTokens,
      examples: examples,
      shots: json["shots"]?.int ?? 0,
      turnsField: json["turns"]?.string
    )
  }
}

extension ChatMessage {
  package init(json: JSON) throws(Problem) {
    guard let role = json["role"]?.string.flatMap(Role.init), let content = json["content"]?.string
    else {
      throw Problem("a message must have a 'role' and a 'content'; found \(json.kindName)", at: nil)
    }
    self.init(role: role, content: content)
  }
}
