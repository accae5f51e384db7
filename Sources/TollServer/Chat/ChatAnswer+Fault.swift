import Primitives

extension ChatAnswer {
  /// Changes what the answer says as a fault has it; other faults change nothing.
  mutating func apply(_ fault: Fault, to call: ChatCall) {
    switch fault.name {
    case .finishReason: finish(.string(fault.text("finish_reason") ?? "length"))
    case .finishNull: finish(.null)
    case .contentFilter:
      setContent("")
      finish("content_filter")
    case .toolCalls: callTool()
    case .nullContent: setContent(nil)
    case .refusal: refuse()
    case .emptyContent: setContent("")
    case .whitespace: setContent(" \n\t \n")
    case .loop: setContent(Self.loop(fault.int("times") ?? 60))
    case .escapedNUL: change { "\($0)\u{0}" }
    case .huge: setContent(Self.loop((fault.int("bytes") ?? 10_000_000) / Self.sentence.utf8.count))
    case .swapped: change { _ in "The answer is \(call.digest.words.1 % 1_000)." }
    case .choicesMissing: choices.removeLast()
    case .noChoices: choices = []
    case .noUsage: usage = nil
    case .negativeUsage:
      usage = ["prompt_tokens": -1, "completion_tokens": -5, "total_tokens": -6]
    case .wrongModel: model = fault.text("model") ?? "toll-other"
    case .noModel: model = nil
    case .otherID:
      id = ""
      object = "text_completion"
    default: break
    }
  }

  static let sentence = "I will check the sum again. "

  private static func loop(_ times: Int) -> String { String(repeating: sentence, count: times) }

  private mutating func change(_ body: (String) -> String?) {
    for index in choices.indices { choices[index].content = body(choices[index].content ?? "") }
  }

  private mutating func setContent(_ text: String?) { change { _ in text } }

  private mutating func finish(_ reason: JSON) {
    for index in choices.indices { choices[index].finishReason = reason }
  }

  private mutating func refuse() {
    setContent(nil)
    for index in choices.indices { choices[index].refusal = "I cannot help with that." }
  }

  private mutating func callTool() {
    setContent(nil)
    finish("tool_calls")
    for index in choices.indices {
      choices[index].toolCalls = [
        [
          "id": "call_1", "type": "function",
          "function": ["name": "add", "arguments": #"{"a":1,"b":2}"#],
        ]
      ]
    }
  }
}
