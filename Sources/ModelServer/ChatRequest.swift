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
      stop: try stop(parameters)
    )
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
      "max_completion_tokens",
    ]).union(neutral.keys)
    .union(["user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"])
}

// MARK: - What is not offered

extension ChatRequest {
  /// Parameters whose only possible values are those that ask for nothing.
  private static let neutral: [String: @Sendable (JSON) -> Bool] = [
    "n": { $0.integer == 1 },
    "stream": { $0.bool == false },
    "stream_options": { _ in false },
    "logprobs": { $0.bool == false },
    "top_logprobs": { $0.integer == 0 },
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
