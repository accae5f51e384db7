import ModelService
import Primitives
import Store
import Testing
import TestSupport
import Transfer

@Suite("Answers that are none are told apart")
struct AnswerStateTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let status: Int
    let body: String
    let state: Answer.State

    init(
      _ name: String,
      _ body: String,
      status: Int = 200,
      _ state: Answer.State
    ) {
      testDescription = name
      self.status = status
      self.body = body
      self.state = state
    }
  }

  private static let call: JSONObject = JSONObject([
    ("tool_calls", [["id": "1", "type": "function"]])
  ])

  private static let parts: JSON = [
    ["type": "text", "text": "a"], ["type": "thinking"], ["type": "text", "text": "b"],
  ]
  private static let loop = String(repeating: "I think that it is 42. ", count: 60)

  static let cases = [
    Case("stop", Chat.body("x"), .answered),
    Case("end_turn", Chat.body("x", finish: "end_turn"), .answered),
    Case("length", Chat.body("x", finish: "length"), .truncated),
    Case("length without text", Chat.body(nil, finish: "length"), .truncated),
    Case("filter", Chat.body("x", finish: "content_filter"), .filtered),
    Case("filter, null", Chat.body(nil, finish: "content_filter"), .filtered),
    Case(
      "refusal",
      Chat.body(nil, message: JSONObject([("refusal", "I will not")])),
      .refused
    ),
    Case("null refusal", Chat.body("x", message: JSONObject([("refusal", nil)])), .answered),
    Case("tool", Chat.body(nil, finish: "tool_calls", message: call), .toolCall),
    Case("tool beside text", Chat.body("x", message: call), .toolCall),
    Case("null", Chat.body(nil), .empty),
    Case("empty", Chat.body(""), .empty),
    Case("white space", Chat.body(" \n\t\u{A0}"), .empty),
    Case("unknown reason", Chat.body("x", finish: "abort"), .unknownFinish),
    Case("no reason", Chat.body("x", finish: nil), .unknownFinish),
    Case("loop", Chat.body(loop), .looped),
    Case("loop, cut", Chat.body(loop, finish: "length"), .looped),
    Case("loop, filtered", Chat.body(loop, finish: "content_filter"), .filtered),
    Case("parts", Chat.body(content: parts), .answered),
    Case("byte order mark", "\u{FEFF}\(Chat.body("x"))", .answered),
    Case("400", Chat.error("too long"), status: 400, .rejected),
    Case("422", #"{"detail":"bad"}"#, status: 422, .rejected),
    Case("413", "<html>too large</html>", status: 413, .rejected),
  ]

  @Test("each has its own state, is final, and is usable only if answered", arguments: cases)
  func statesAreFinal(example: Case) async throws {
    let fixture = try await Fixture { _ in .answer(example.status, example.body) }
    let endpoint = try fixture.endpoint()
    let result = try await fixture.service().answer(.asking("Hi"), from: endpoint)
    #expect(result.answer.state == example.state)
    #expect(result.answer.isUsable == (example.state == .answered))
    let again = try await fixture.service().answer(.asking("Hi"), from: endpoint)
    #expect(again.origin == .reused)
    #expect(again.answer == result.answer)
    #expect(fixture.server.received.count == 1)
    let recorded = try await fixture.store.ledger.answer(for: result.key)
    #expect(recorded?.outcome.rawValue == example.state.rawValue)
  }

  @Test("what was paid for is kept: text, refusal, rejection; usage that is missing is unknown")
  func keepsWhatCame() async throws {
    let bodies = [
      Chat.body("half", finish: "length", usage: nil),
      Chat.body("no", message: JSONObject([("refusal", "I will not")])),
    ]
    let fixture = try await Fixture { request in
      request.number <= 2
        ? .answer(200, bodies[request.number - 1]) : .answer(400, Chat.error("too\u{1B}[31m long"))
    }
    let endpoint = try fixture.endpoint()
    let service = fixture.service()
    let cut = try await service.answer(.asking("1"), from: endpoint).answer
    #expect(cut.text == "half")
    #expect(cut.usage == Answer.Usage())
    let refused = try await service.answer(.asking("2"), from: endpoint).answer
    #expect(refused.text == "no")
    #expect(refused.refusal == "I will not")
    let rejected = try await service.answer(.asking("3"), from: endpoint).answer
    #expect(rejected.rejection == "400: too [31m long")
    #expect(rejected.text.isEmpty)
  }

  @Test("what else the service says is kept: ids, thoughts, calls of tools, kinds of tokens")
  func keepsExtras() async throws {
    let usage: JSON = [
      "prompt_tokens": 7, "completion_tokens": 5,
      "prompt_tokens_details": ["cached_tokens": 4],
      "completion_tokens_details": ["reasoning_tokens": 3],
    ]
    let message = JSONObject([
      ("reasoning_content", "Let me see."), ("tool_calls", []), ("annotations", nil),
    ])
    let fixture = try await Fixture { _ in
      .answer(200, Chat.body("x", message: message, usage: usage))
    }
    let endpoint = try fixture.endpoint()
    let result = try await fixture.service().answer(.asking("1"), from: endpoint)
    #expect(result.answer.state == .answered)
    #expect(result.answer.usage.cachedTokens == 4)
    #expect(result.answer.usage.reasoningTokens == 3)
    #expect(JSON.object(result.answer.extras) == ["id": "x", "reasoning_content": "Let me see."])
    let kept = try await fixture.service().recordedAnswers([result.key])[result.key]
    #expect(kept == result.answer)
  }

  @Test("counts that cannot be are unknown", arguments: [-1, 5_000_000_000] as [Int64])
  func refusesCounts(count: Int64) async throws {
    let usage: JSON = ["prompt_tokens": .integer(count), "completion_tokens": .integer(count)]
    let fixture = try await Fixture { _ in .answer(200, Chat.body("x", usage: usage)) }
    let endpoint = try fixture.endpoint(pricing: Pricing(input: 1, output: 1))
    let result = try await fixture.service().answer(.asking("1"), from: endpoint)
    #expect(result.answer.usage == Answer.Usage())
    #expect(result.cost == nil)
  }

  @Test("what came in place of an answer is kept, byte for byte where it is no text")
  func keepsFragments() async throws {
    let fixture = try await Fixture { request in
      request.number == 1
        ? .bytes([0x7B, 0xFF, 0x00, 0xC3, 0x28]) : .answer(502, "<p>Bad\u{1F600}</p>")
    }
    let service = fixture.service(CallPolicy(inDoubt: .ask))
    let endpoint = try fixture.endpoint()
    for number in 1...2 {
      await #expect(throws: CallError.self) {
        try await service.answer(.asking("\(number)"), from: endpoint)
      }
    }
    let details = try await fixture.store.ledger.inDoubt().compactMap(\.detail)
    let received = try details.map { try JSON(parsing: $0)["received"]?.string }
    #expect(Set(received) == ["base64:e/8Awyg=", "<p>Bad\u{1F600}</p>"])
  }

  @Test("an answer above the limit of size is rejected, not bought again")
  func rejectsGiants() async throws {
    let fixture = try await Fixture { _ in
      .answer(200, Chat.body(String(repeating: "x", count: 5000)))
    }
    let endpoint = try fixture.endpoint(transfer: TransferLimits(responseBytes: 1000))
    for _ in 0..<2 {
      let answer = try await fixture.service().answer(.asking("Hi"), from: endpoint).answer
      #expect(answer.state == .rejected)
      #expect(answer.rejection == "the answer is larger than the limit of 1000 bytes")
    }
    #expect(fixture.server.received.count == 1)
  }

  @Test("text comes through byte for byte")
  func keepsBytes() async throws {
    let text = "e\u{301} \u{E9} \r\n \u{1F600} \u{0} \u{2028} </script>"
    let fixture = try await Fixture { _ in .answer(200, Chat.body(text)) }
    let endpoint = try fixture.endpoint()
    let result = try await fixture.service().answer(.asking("Hi"), from: endpoint)
    #expect(Array(result.answer.text.utf8) == Array(text.utf8))
    let again = try await fixture.service().recordedAnswers([result.key])[result.key]
    #expect(again.map { Array($0.text.utf8) } == Array(text.utf8))
  }
}
