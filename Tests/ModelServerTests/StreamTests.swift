import ModelServer
import Primitives
import Testing
import TinyLlama

@Suite("Streams, choices and probabilities", .timeLimit(.minutes(20)))
struct StreamTests {
  private static let target = "/v1/chat/completions"

  private func request(_ changes: JSON) -> JSON {
    var object = JSONObject([
      ("model", "tiny-a"), ("messages", [["role": "user", "content": "two apples"]]),
      ("max_tokens", 20), ("temperature", 1), ("seed", 3),
    ])
    for (key, value) in changes.object?.members ?? [] { object[key] = value }
    return .object(object)
  }

  /// The data of all events of a stream, the last of which must be the mark of its end.
  private func events(_ test: TestService, _ changes: JSON) async throws -> [JSON] {
    let response = await test.service.answer(
      APIRequest(
        method: "POST",
        target: Self.target,
        body: Array(request(changes).compactText.utf8)
      )
    )
    #expect(response.status == 200)
    #expect(response.contentType.hasPrefix("text/event-stream"))
    var bytes: [UInt8] = []
    for await part in try #require(response.stream) { bytes += part }
    let text = String(decoding: bytes, as: UTF8.self)
    try #require(text.hasSuffix("data: [DONE]\n\n"))
    return try text.split(separator: "\n\n").dropLast().map { event in
      try #require(event.hasPrefix("data: "))
      return try JSON(parsing: Array(event.dropFirst(6).utf8))
    }
  }

  private func choice(_ event: JSON) -> JSON? { event["choices"]?.array?.first }

  @Test("the parts of a stream are the answer", arguments: [[], ["e"], ["<|", "a"]] as [[String]])
  func parts(stop: [String]) async throws {
    let test = try await TestService()
    let stops: JSON = .array(stop.map(JSON.string))
    let whole = try await test.post(Self.target, request(["stop": stops]))
    let events = try await events(test, ["stop": stops, "stream": true])
    #expect(choice(events[0])?["delta"]?["role"] == "assistant")
    let text = events.compactMap { choice($0)?["delta"]?["content"]?.string }.joined()
    let expected = whole.json["choices"]?.array?.first
    #expect(JSON.string(text) == expected?["message"]?["content"])
    #expect(events.last.flatMap(choice)?["finish_reason"] == expected?["finish_reason"])
    #expect(events.dropLast().allSatisfy { choice($0)?["finish_reason"] == .null })
    #expect(Set(events.compactMap { $0["id"]?.string }).count == 1)
    #expect(events.allSatisfy { $0["object"] == "chat.completion.chunk" && $0["usage"] == nil })
  }

  @Test("the tokens stand in a last part, where they are asked for")
  func usage() async throws {
    let test = try await TestService()
    let events = try await events(
      test,
      ["stream": true, "stream_options": ["include_usage": true]]
    )
    let whole = try await test.post(Self.target, request(.object(JSONObject())))
    #expect(events.last?["choices"] == [])
    #expect(events.last?["usage"] == whole.json["usage"])
    #expect(events.dropLast().allSatisfy { $0["usage"] == .null })
  }

  @Test("several choices are draws of their own, the first the one that comes alone")
  func choices() async throws {
    let test = try await TestService()
    let alone = try await test.post(Self.target, request(.object(JSONObject())))
    let several = try await test.post(Self.target, request(["n": 4]))
    let again = try await test.post(Self.target, request(["n": 4]))
    let choices = try #require(several.json["choices"]?.array)
    #expect(choices.map { $0["index"] } == (0..<4).map { JSON($0) })
    #expect(choices.first == alone.json["choices"]?.array?.first)
    #expect(Set(choices.compactMap { $0["message"]?["content"]?.string }).count == 4)
    #expect(again.body == several.body)
    let tokens = several.json["usage"]?["completion_tokens"]?.int ?? 0
    #expect(tokens > alone.json["usage"]?["completion_tokens"]?.int ?? 0)
    #expect(several.json["usage"]?["prompt_tokens"] == alone.json["usage"]?["prompt_tokens"])

    let events = try await events(test, ["n": 4, "stream": true])
    for (index, expected) in choices.enumerated() {
      let parts = events.compactMap(choice).filter { $0["index"] == JSON(index) }
      let text = parts.compactMap { $0["delta"]?["content"]?.string }.joined()
      #expect(JSON.string(text) == expected["message"]?["content"])
    }
  }

  @Test("probabilities are logarithms of numbers that add up, the most probable first")
  func probabilities() async throws {
    let test = try await TestService()
    let answer = try await test.post(
      Self.target,
      request(["logprobs": true, "top_logprobs": 20, "temperature": 0])
    )
    let choice = try #require(answer.json["choices"]?.array?.first)
    let content = try #require(choice["logprobs"]?["content"]?.array)
    #expect(!content.isEmpty)
    var bytes: [UInt8] = []
    for token in content {
      let logarithm = try #require(token["logprob"]?.number)
      let others = (token["top_logprobs"]?.array ?? []).compactMap { $0["logprob"]?.number }
      #expect(others.count == 20)
      #expect(others == others.sorted(by: >))
      #expect(others.first == logarithm, "at temperature 0 the most probable token is chosen")
      #expect(logarithm <= 0 && logarithm > -6)
      bytes += (token["bytes"]?.array ?? []).compactMap { $0.int.map { UInt8($0) } }
    }
    #expect(JSON.string(String(decoding: bytes, as: UTF8.self)) == choice["message"]?["content"])
    let without = try await test.post(Self.target, request(["temperature": 0]))
    let plain = without.json["choices"]?.array?.first
    #expect(plain?["logprobs"] == .null)
    #expect(plain?["message"] == choice["message"])
  }

  @Test("what is wrong is said before the stream begins")
  func refusals() async throws {
    let test = try await TestService()
    let long = String(repeating: "q", count: TinyModel.contextLength)
    let answer = try await test.post(
      Self.target,
      request(["stream": true, "messages": [["role": "user", "content": .string(long)]]])
    )
    #expect(answer.status == 400 && answer.code == "context_length_exceeded")
    let option = try await test.post(
      Self.target,
      request(["stream": true, "stream_options": ["usage": true]])
    )
    #expect(option.status == 400 && option.param == "stream_options.usage")
  }
}
