import Primitives

/// An answer as server-sent events.
///
/// Source: openai-python `types/chat/chat_completion_chunk.py`; each choice's text comes in two
/// pieces, so that there is a middle in which a stream can break.
struct ChatStream: Sendable {
  private var events: [String] = []

  init(_ answer: ChatAnswer, withUsage: Bool, fault: Fault?) {
    for (index, choice) in answer.choices.enumerated() {
      let text = choice.content ?? ""
      let middle = text.index(text.startIndex, offsetBy: text.count / 2)
      events.append(Self.chunk(answer, index, ["role": "assistant", "content": ""], nil))
      events.append(Self.chunk(answer, index, ["content": .string(String(text[..<middle]))], nil))
      if fault?.name == .streamDuplicate { events.append(events[events.count - 1]) }
      if fault?.name == .streamError {
        events.append(#"{"error":{"message":"The stream broke.","type":"server_error"}}"#)
        return
      }
      events.append(Self.chunk(answer, index, ["content": .string(String(text[middle...]))], nil))
      events.append(Self.chunk(answer, index, [:], choice.finishReason))
    }
    if withUsage, let usage = answer.usage {
      events.append(Self.chunk(answer, choices: [], usage: usage))
    }
    if fault?.name != .streamCut { events.append("[DONE]") }
  }

  var reply: Reply {
    let text = events.map { "data: \($0)\n\n" }.joined()
    var reply = Reply(200, bytes: Array(text.utf8), type: "text/event-stream")
    reply.framing = .chunked
    return reply
  }

  private static func chunk(
    _ answer: ChatAnswer,
    _ index: Int,
    _ delta: JSON,
    _ finishReason: JSON?
  ) -> String {
    let choice: JSON = [
      "index": JSON(index), "delta": delta, "finish_reason": finishReason ?? .null,
    ]
    return chunk(answer, choices: [choice], usage: nil)
  }

  private static func chunk(_ answer: ChatAnswer, choices: [JSON], usage: JSON?) -> String {
    var members = JSONObject([
      ("id", .string(answer.id)), ("object", "chat.completion.chunk"),
      ("created", .integer(ChatAnswer.created)), ("model", JSON(answer.model)),
      ("choices", .array(choices)),
    ])
    members["usage"] = usage
    return JSON.object(members).compactText
  }
}
