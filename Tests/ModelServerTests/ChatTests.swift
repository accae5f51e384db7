import ModelServer
import Primitives
import Testing
import TinyLlama

@Suite("Chat completions", .timeLimit(.minutes(20)))
struct ChatTests {
  private static let target = "/v1/chat/completions"

  private func request(_ changes: JSONObject = JSONObject()) -> JSON {
    var object = JSONObject([
      ("model", "tiny-a"),
      ("messages", [["role": "user", "content": "two apples"]]),
      ("max_tokens", 12),
      ("temperature", 0),
    ])
    for (key, value) in changes.members { object[key] = value }
    return .object(object)
  }

  @Test("an answer has the shape that clients read")
  func shape() async throws {
    let test = try await TestService()
    let answer = try await test.post(Self.target, request())
    #expect(answer.status == 200)
    #expect(answer.json["object"] == "chat.completion")
    #expect(answer.json["model"] == "tiny-a")
    #expect(answer.json["id"]?.string?.hasPrefix("chatcmpl-") == true)
    let choice = try #require(answer.json["choices"]?.array?.first)
    #expect(choice["index"] == 0)
    #expect(choice["message"]?["role"] == "assistant")
    #expect(choice["message"]?["content"]?.string != nil)
    #expect(["stop", "length"].contains(choice["finish_reason"]?.string))
    let usage = try #require(answer.json["usage"])
    let prompt = try #require(usage["prompt_tokens"]?.int)
    let completion = try #require(usage["completion_tokens"]?.int)
    #expect(prompt > 0 && (1...12).contains(completion))
    #expect(usage["total_tokens"] == JSON(prompt + completion))
  }

  @Test("the answer is what the engine gives, and names the checkpoint that gave it")
  func content() async throws {
    let test = try await TestService()
    let answer = try await test.post(
      Self.target,
      request(JSONObject([("temperature", 0.9), ("seed", 5), ("top_p", 0.8)]))
    )
    let checkpoint = try TinyModel.checkpoint()
    let expected = try await GenerationEngine(checkpoint: checkpoint).generate(
      GenerationRequest(
        messages: [ChatMessage(.user, "two apples")],
        temperature: 0.9,
        topP: 0.8,
        maxTokens: 12,
        seed: 5
      )
    )
    let choice = try #require(answer.json["choices"]?.array?.first)
    #expect(choice["message"]?["content"] == .string(expected.text))
    #expect(choice["finish_reason"] == .string(expected.finishReason.rawValue))
    let name = CheckpointManifest(of: checkpoint).modelName
    #expect(
      answer.json["system_fingerprint"] == .string("\(TinyLlamaRuntime.version)/\(name)")
    )
  }

  @Test("equal requests get equal bytes, alone and among 64 at once")
  func determinism() async throws {
    let test = try await TestService()
    let bodies = (0..<64).map { index in
      request(
        JSONObject([
          ("model", index.isMultiple(of: 2) ? "tiny-a" : "tiny-b"),
          ("temperature", .number(Double(index % 5) / 4)),
          ("seed", JSON(index)),
          ("max_tokens", JSON(1 + index % 30)),
        ])
      )
    }
    var alone: [[UInt8]] = []
    for body in bodies { alone.append(try await test.post(Self.target, body).body) }
    let together = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for (index, body) in bodies.enumerated() {
        group.addTask { (index, try await test.post(Self.target, body).body) }
      }
      var answers = [[UInt8]](repeating: [], count: bodies.count)
      for try await (index, body) in group { answers[index] = body }
      return answers
    }
    #expect(together == alone)
    #expect(Set(alone).count > 32)
  }

  @Test("messages may come in parts, from a developer, with a name")
  func messageForms() async throws {
    let test = try await TestService()
    let plain = try await test.post(
      Self.target,
      request(
        JSONObject([
          (
            "messages",
            [
              ["role": "system", "content": "be brief"], ["role": "user", "content": "two apples"],
            ]
          )
        ])
      )
    )
    let parts = try await test.post(
      Self.target,
      request(
        JSONObject([
          (
            "messages",
            [
              ["role": "developer", "content": "be brief"],
              [
                "role": "user", "name": "ann", "refusal": nil,
                "content": [
                  ["type": "text", "text": "two "], ["type": "text", "text": "apples"],
                ],
              ],
            ]
          )
        ])
      )
    )
    #expect(plain.status == 200)
    #expect(parts.json["choices"] == plain.json["choices"])
    #expect(parts.json["usage"] == plain.json["usage"])
  }

  @Test("members that ask for nothing are taken")
  func neutralMembers() async throws {
    let test = try await TestService()
    let answer = try await test.post(
      Self.target,
      request(
        JSONObject([
          ("n", 1), ("stream", false), ("logprobs", false), ("frequency_penalty", 0),
          ("presence_penalty", 0.0), ("logit_bias", .object(JSONObject())), ("tools", []),
          ("response_format", ["type": "text"]), ("user", "ann"), ("metadata", ["a": "b"]),
          ("stop", nil), ("seed", nil), ("top_k", 0),
        ])
      )
    )
    #expect(answer.status == 200)
    let bare = try await test.post(Self.target, request())
    #expect(answer.json["choices"] == bare.json["choices"])
  }

  @Test(
    "a wrong member is refused by name",
    arguments: [
      ("temperature", JSON.number(2.5), "temperature"),
      ("temperature", "hot", "temperature"),
      ("temperature", -1, "temperature"),
      ("top_p", 0, "top_p"),
      ("top_p", 1.5, "top_p"),
      ("top_k", -1, "top_k"),
      ("max_tokens", 0, "max_tokens"),
      ("max_tokens", 1.5, "max_tokens"),
      ("max_tokens", "many", "max_tokens"),
      ("max_completion_tokens", 5, "max_tokens"),
      ("seed", 1.5, "seed"),
      ("stop", ["a", "b", "c", "d", "e"], "stop"),
      ("stop", "", "stop"),
      ("stop", ["a", 1], "stop"),
      ("n", 0, "n"),
      ("n", 129, "n"),
      ("stream", 1, "stream"),
      ("stream_options", ["include_usage": true], "stream_options"),
      ("logprobs", 3, "logprobs"),
      ("top_logprobs", 3, "top_logprobs"),
      ("top_logprobs", 21, "top_logprobs"),
      ("frequency_penalty", 0.5, "frequency_penalty"),
      ("response_format", ["type": "json_object"], "response_format"),
      ("tools", [["type": "function"]], "tools"),
      ("temprature", 1, "temprature"),
      ("model", nil, "model"),
      ("model", 3, "model"),
      ("messages", nil, "messages"),
      ("messages", [], "messages"),
      ("messages", "hello", "messages"),
      ("messages", ["hello"], "messages[0]"),
      ("messages", [["role": "user"]], "messages"),
      ("messages", [["role": "robot", "content": "x"]], "messages"),
      ("messages", [["role": "user", "content": 1]], "messages[0].content"),
      (
        "messages", [["role": "user", "content": [["type": "image_url"]]]], "messages[0].content"
      ),
    ] as [(String, JSON, String)]
  )
  func badMembers(name: String, value: JSON, param: String) async throws {
    let test = try await TestService()
    let answer = try await test.post(Self.target, request(JSONObject([(name, value)])))
    #expect(answer.status == 400)
    #expect(answer.param == param)
    #expect(answer.message?.contains("'\(param)'") == true)
    #expect(answer.json["error"]?["type"] == "invalid_request_error")
  }

  @Test(
    "a body that is no JSON object is refused",
    arguments: ["", "{", "[]", "\"x\"", #"{"model":"a","model":"b"}"#, "{\"model\":\"\u{1}\"}"]
  )
  func badBodies(text: String) async throws {
    let test = try await TestService()
    let answer = try await test.post(Self.target, text: text)
    #expect(answer.status == 400 && answer.code == "invalid_json")
  }

  @Test(
    "an unknown model is not found",
    arguments: ["gpt-4", "", "sha256:12", "sha256:" + String(repeating: "0", count: 64)]
  )
  func unknownModel(name: String) async throws {
    let test = try await TestService()
    let answer = try await test.post(
      Self.target,
      request(JSONObject([("model", .string(name))]))
    )
    #expect(answer.status == 404)
    #expect(answer.code == "model_not_found" && answer.param == "model")
    #expect(answer.message?.contains("'tiny-a', 'tiny-b'") == true)
  }

  @Test("a prompt that fills the context is refused with the counts")
  func longPrompt() async throws {
    let test = try await TestService()
    let text = String(repeating: "q", count: TinyModel.contextLength)
    let answer = try await test.post(
      Self.target,
      request(JSONObject([("messages", [["role": "user", "content": .string(text)]])]))
    )
    #expect(answer.status == 400)
    #expect(answer.code == "context_length_exceeded" && answer.param == "messages")
    #expect(answer.message?.contains("reads \(TinyModel.contextLength)") == true)
  }

  @Test("without a limit the answer ends with the context")
  func noLimit() async throws {
    let test = try await TestService()
    let answer = try await test.post(Self.target, request(JSONObject([("max_tokens", nil)])))
    let total = try #require(answer.json["usage"]?["total_tokens"]?.int)
    #expect(total <= TinyModel.contextLength)
    if answer.json["choices"]?.array?.first?["finish_reason"] == "length" {
      #expect(total == TinyModel.contextLength)
    }
  }
}
