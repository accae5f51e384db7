import Primitives
import TinyLlama

/// A request for a chat completion, checked member by member.
///
/// Source: openai-python `types/chat/completion_create_params.py`. What the runtime cannot do is
/// refused by name; what changes no answer (`user`, `metadata`, …) is taken and left alone.
struct ChatRequest: Sendable {
  let model: String
  let generation: GenerationRequest
  /// Which of the two names the token limit came by, for messages.
  let tokenLimitName: String
  /// Answers wanted, each a draw of its own.
  let choices: Int
  /// Whether the answer comes in parts, as server-sent events.
  let streams: Bool
  /// Whether the last part says how many tokens it took.
  let streamsUsage: Bool
  /// Names the answer: equal requests to equal models have equal answers, the id included.
  let digest: Digest

  init(body: [UInt8]) throws(APIError) {
    let parameters = try Parameters(body: body)
    try parameters.refuseOthers(than: Self.known)
    try Self.refuseUnsupported(parameters)
    model = try parameters.requiredText("model")
    tokenLimitName =
      parameters["max_completion_tokens"] == nil ? "max_tokens" : "max_completion_tokens"
    generation = try Self.generation(parameters, tokenLimitName: tokenLimitName)
    choices = Int(try parameters.integer("n", in: 1...128) ?? 1)
    streams = try parameters.bool("stream") ?? false
    streamsUsage = try Self.streamsUsage(parameters, streams: streams)
    digest = Digest(of: body)
  }

  private static func generation(
    _ parameters: Parameters,
    tokenLimitName: String
  ) throws(APIError) -> GenerationRequest {
    if parameters["max_tokens"] != nil, parameters["max_completion_tokens"] != nil {
      throw .invalid(
        "max_tokens",
        "'max_tokens' and 'max_completion_tokens' are both set; expected one of them"
      )
    }
    let tokens = try parameters.integer(tokenLimitName, in: 1...Int64(Int32.max))
    let topP = try parameters.number("top_p", in: 0...1) ?? 1
    guard topP > 0 else { throw .invalid("top_p", "'top_p' is 0; expected more than 0, up to 1") }
    return GenerationRequest(
      messages: try messages(parameters),
      temperature: try parameters.number("temperature", in: 0...2) ?? 1,
      topP: topP,
      topK: Int(try parameters.integer("top_k", in: 0...Int64(Int32.max)) ?? 0),
      maxTokens: tokens.map { Int($0) },
      seed: try parameters.integer("seed", in: .min ... .max) ?? 0,
      stop: try stop(parameters),
      alternatives: try alternatives(parameters)
    )
  }

  /// `logprobs` asks for the probabilities of the tokens, `top_logprobs` for alternatives beside.
  private static func alternatives(_ parameters: Parameters) throws(APIError) -> Int? {
    let count = try parameters.integer("top_logprobs", in: 0...20)
    guard try parameters.bool("logprobs") ?? false else {
      guard (count ?? 0) == 0 else {
        throw .invalid("top_logprobs", "'top_logprobs' is set without 'logprobs': true")
      }
      return nil
    }
    return Int(count ?? 0)
  }

  private static func streamsUsage(
    _ parameters: Parameters,
    streams: Bool
  ) throws(APIError) -> Bool {
    guard let object = try parameters.object("stream_options") else { return false }
    guard streams else {
      throw .invalid("stream_options", "'stream_options' is set without 'stream': true")
    }
    let options = Parameters(object, prefix: "stream_options.")
    try options.refuseOthers(than: ["include_usage", "include_obfuscation"])
    if try options.bool("include_obfuscation") == true {
      throw .unsupported(
        "stream_options.include_obfuscation",
        "'stream_options.include_obfuscation' is true, which this server does not offer"
      )
    }
    return try options.bool("include_usage") ?? false
  }

  private static func stop(_ parameters: Parameters) throws(APIError) -> [String] {
    let texts = try parameters.texts("stop", atMost: 4)
    guard texts.allSatisfy({ !$0.isEmpty }) else {
      throw .invalid("stop", "'stop' holds an empty text; every answer would end at once")
    }
    return texts
  }

  private static func messages(_ parameters: Parameters) throws(APIError) -> [ChatMessage] {
    guard let value = parameters["messages"] else { throw parameters.missing("messages") }
    do {
      return try ChatMessage.list(json: try ChatContent.flattened(messages: value))
    } catch let error as APIError {
      throw error
    } catch {
      throw .invalid("messages", "'messages' cannot be used: \(error)")
    }
  }

  /// What changes answers and is offered, then what changes none.
  private static let known: Set<String> =
    Set([
      "model", "messages", "temperature", "top_p", "top_k", "seed", "stop", "max_tokens",
      "max_completion_tokens", "n", "stream", "stream_options", "logprobs", "top_logprobs",
    ]).union(neutral.keys)
    .union(["user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"])
}

// MARK: - What is not offered

extension ChatRequest {
  /// Parameters whose only possible values are those that ask for nothing.
  private static let neutral: [String: @Sendable (JSON) -> Bool] = [
    "frequency_penalty": { $0.number == 0 },
    "presence_penalty": { $0.number == 0 },
    "logit_bias": { $0.object?.isEmpty == true },
    "response_format": { $0["type"] == "text" },
    "tools": { $0.array?.isEmpty == true },
    "tool_choice": { $0 == "none" },
    "parallel_tool_calls": { _ in true },
    "modalities": { $0 == ["text"] },
  ]

  private static func refuseUnsupported(_ parameters: Parameters) throws(APIError) {
    for (name, asksForNothing) in neutral.sorted(by: { UTF8Order.less($0.key, $1.key) }) {
      guard let value = parameters[name], !asksForNothing(value) else { continue }
      throw .unsupported(
        name,
        "'\(name)' is \(value.compactText), which this server does not offer; leave it out"
      )
    }
  }
}
