import Diagnostics
import ModelService
import Primitives
import Testing

@Suite("Call keys")
struct CallKeyTests {
  /// A key that changes loses every answer that was paid for: these digests are for ever.
  @Test(
    "golden keys",
    arguments: [
      (ModelCall.plain, "6a66757abfaf67ee42fd901f20989f6754d8643f2f5d140bd4f8afe40bf84a48"),
      (ModelCall.full, "431e705bbc62d8641d380ed9f56f96fb75e2a7439c8b6f27da838ca81516de85"),
      (ModelCall.checkpoint, "71d2cf11f268e758ddea80b0143a63cbd74be77889720b71ade3ca4c14ea7fc7"),
      (ModelCall.reroll, "f64a4f1fbd1b8ed56fee8a1fcbeebc8d721673d1e0b7743fa88e72653093c577"),
    ]
  )
  func goldenKeys(call: ModelCall, expected: String) {
    #expect(call.key.hex == expected)
  }

  @Test("a key is the digest of a preimage that anybody can write")
  func preimageIsPlain() {
    let text =
      #"{"draw":{"sample":0},"format":1,"#
      + #""model":{"endpoint":"https://example.net/v1","model":"m"},"#
      + #""request":{"decoding":{"temperature":0.0,"top_p":1.0},"#
      + #""messages":[{"content":"Hi","role":"user"}]}}"#
    #expect(ModelCall.plain.key == Digest(of: text))
  }

  @Test("everything that shapes an answer changes the key")
  func keysDiffer() throws {
    let base = LogicalRequest.asking("Hi")
    let identity = ModelIdentity.named("m", revision: nil)
    var calls = [
      ModelCall(base, model: identity),
      ModelCall(base, model: .named("m", revision: "2")),
      ModelCall(base, model: .named("n", revision: nil)),
      ModelCall(base, draw: Draw(sample: 1), model: identity),
      ModelCall(base, draw: Draw(seed: 0), model: identity),
      ModelCall(base, draw: Draw(seed: 1), model: identity),
      ModelCall(.asking("Hi "), model: identity),
      ModelCall(
        LogicalRequest(messages: [.init(role: "system", content: "Hi")], decoding: .init()),
        model: identity
      ),
      ModelCall(
        LogicalRequest(
          messages: base.messages,
          decoding: .init(),
          responseFormat: ["type": "json_object"]
        ),
        model: identity
      ),
    ]
    let decodings = [
      DecodingParameters(temperature: 0.5), DecodingParameters(topP: 0.5),
      DecodingParameters(topK: 5), DecodingParameters(maxTokens: 5),
      DecodingParameters(stop: ["x"]), DecodingParameters(frequencyPenalty: 0.5),
      DecodingParameters(presencePenalty: 0.5),
    ]
    calls += decodings.map { ModelCall(.asking("Hi", decoding: $0), model: identity) }
    #expect(Set(calls.map(\.key)).count == calls.count)
  }

  @Test("a re-roll is a draw of its own, with a seed of its own; a first roll's key is as ever")
  func rerollsDiffer() {
    let identity = ModelIdentity.named("m", revision: nil)
    var keys: Set<Digest> = []
    var seeds: Set<Int64> = []
    for seed in [nil, 0, 1, 2] as [Int64?] {
      for sample in 0..<5 {
        for reroll in 0..<5 {
          let draw = Draw(seed: seed, sample: sample, reroll: reroll)
          keys.insert(ModelCall(.asking("Hi"), draw: draw, model: identity).key)
          // Without a seed, others than the first are derived as from 0.
          if let wire = draw.wireSeed, seed != nil { seeds.insert(wire) }
        }
      }
    }
    #expect(keys.count == 100)
    #expect(seeds.count == 75)
    #expect(seeds.allSatisfy { $0 >= 0 && $0 < 1 << 31 })
    let first = ModelCall(.asking("Hi"), draw: Draw(seed: 1, sample: 2, reroll: 0), model: identity)
    #expect(
      first.key == ModelCall(.asking("Hi"), draw: Draw(seed: 1, sample: 2), model: identity).key
    )
  }

  @Test("what the ledger keeps of a request is its canonical JSON")
  func requestTextIsCanonical() {
    for call in [ModelCall.plain, .full, .checkpoint] {
      #expect(call.requestText == call.request.json.canonical)
    }
  }

  @Test("a whole number and a fraction of the same value make the same key")
  func numbersAreTypedByField() throws {
    let whole = try DecodingParameters(json: ["temperature": 1, "top_p": 1, "max_tokens": 8])
    let fraction = try DecodingParameters(
      json: ["temperature": 1.0, "top_p": 1.0, "max_tokens": 8.0])
    #expect(whole.json.canonicalText == fraction.json.canonicalText)
    #expect(whole.json.canonicalText == #"{"max_tokens":8,"temperature":1.0,"top_p":1.0}"#)
  }

  @Test(
    "decoding parameters are checked",
    arguments: [
      (#"{"temperature":-1}"#, "'temperature' is -1; expected a number from 0.0 to 100.0"),
      (#"{"top_p":1.5}"#, "'top_p' is 1.5; expected a number from 0.0 to 1.0"),
      (#"{"max_tokens":0}"#, "'max_tokens' is 0; expected a whole number above 0"),
      (#"{"stop":[1]}"#, "'stop' is [1]; expected a list of texts"),
      (#"{"seed":1}"#, "unknown decoding parameter 'seed'"),
      (#"[]"#, "decoding is a list; expected a map"),
    ]
  )
  func decodingIsChecked(text: String, message: String) throws {
    let json = try JSON(parsing: text)
    let problem = #expect(throws: Problem.self) { try DecodingParameters(json: json) }
    #expect(problem?.message == message)
  }

  @Test("decoding parameters survive their own JSON")
  func decodingRoundTrips() throws {
    let decoding = DecodingParameters(
      temperature: 0.7,
      topP: 0.9,
      topK: 40,
      maxTokens: 256,
      stop: ["\n", "é"],
      frequencyPenalty: 0.1,
      presencePenalty: -0.1
    )
    #expect(try DecodingParameters(json: decoding.json) == decoding)
  }
}

extension ModelCall {
  fileprivate static let plain = ModelCall(
    .asking("Hi"),
    model: ModelIdentity(json: ["endpoint": "https://example.net/v1", "model": "m"])
  )

  fileprivate static let reroll = ModelCall(
    .asking("Hi"),
    draw: Draw(seed: 1, reroll: 2),
    model: .named("m", revision: nil)
  )

  fileprivate static let full = ModelCall(
    LogicalRequest(
      messages: [
        PromptMessage(role: "system", content: "Answer \"briefly\".\n"),
        PromptMessage(role: "user", content: "Was ist 2 + 2? \u{1F600} e\u{301}"),
      ],
      decoding: DecodingParameters(
        temperature: 0.3,
        topP: 0.9,
        topK: 40,
        maxTokens: 512,
        stop: ["###"],
        frequencyPenalty: 0.5,
        presencePenalty: 1
      ),
      responseFormat: ["type": "json_object"]
    ),
    draw: Draw(seed: 42, sample: 3),
    model: .named("llama-405b", revision: "2024-07-23")
  )

  fileprivate static let checkpoint = ModelCall(
    .asking("Hi", decoding: DecodingParameters(maxTokens: 64)),
    draw: Draw(seed: 1),
    model: .checkpoint(Digest(of: "weights"), runtime: "1")
  )
}
