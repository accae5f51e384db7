import Primitives
import TinyLlama

/// How answers to one chat request are written, whole or in parts.
///
/// Source of the shapes: openai-python `types/chat/chat_completion.py`,
/// `chat_completion_chunk.py` and `chat_completion_token_logprob.py`.
struct CompletionShape: Sendable {
  private let id: String
  private let model: String
  private let fingerprint: String
  private let hasProbabilities: Bool
  private let streamsUsage: Bool

  init(_ chat: ChatRequest, fingerprint: String, _ checkpoint: Digest) {
    id = "chatcmpl-" + Digest(of: "\(chat.digest):\(checkpoint)").hex.prefix(24)
    model = chat.model
    self.fingerprint = fingerprint
    hasProbabilities = chat.generation.alternatives != nil
    streamsUsage = chat.streamsUsage
  }

  /// The answer to a request that does not stream.
  func whole(_ results: [GenerationResult]) -> JSON {
    let choices = results.enumerated().map { index, result -> JSON in
      [
        "index": JSON(index),
        "message": ["role": "assistant", "content": .string(result.text), "refusal": nil],
        "logprobs": probabilities(result.tokens),
        "finish_reason": .string(result.finishReason.rawValue),
      ]
    }
    return [
      "id": .string(id), "object": "chat.completion", "created": 0, "model": .string(model),
      "choices": .array(choices), "usage": Self.usage(results),
      "system_fingerprint": .string(fingerprint),
    ]
  }

  /// The part that opens a choice.
  func opening(choice: Int) -> JSON {
    part(choice, delta: ["role": "assistant", "content": "", "refusal": nil], .null, .null)
  }

  func part(choice: Int, _ piece: GenerationPiece) -> JSON {
    part(choice, delta: ["content": .string(piece.text)], probabilities(piece.tokens), .null)
  }

  /// The part that closes a choice.
  func closing(choice: Int, _ reason: GenerationResult.FinishReason) -> JSON {
    part(choice, delta: .object(JSONObject()), .null, .string(reason.rawValue))
  }

  /// The last part, where the request asked for it.
  func usagePart(_ results: [GenerationResult]) -> JSON? {
    // Spelled out, since `nil` would be taken for the JSON value.
    guard streamsUsage else { return Optional<JSON>.none }
    return chunk(choices: [], usage: Self.usage(results))
  }

  private func part(_ choice: Int, delta: JSON, _ probabilities: JSON, _ reason: JSON) -> JSON {
    chunk(
      choices: [
        [
          "index": JSON(choice), "delta": delta, "logprobs": probabilities,
          "finish_reason": reason,
        ]
      ],
      usage: .null
    )
  }

  private func chunk(choices: [JSON], usage: JSON) -> JSON {
    var members = JSONObject([
      ("id", .string(id)), ("object", "chat.completion.chunk"), ("created", 0),
      ("model", .string(model)), ("choices", .array(choices)),
      ("system_fingerprint", .string(fingerprint)),
    ])
    if streamsUsage { members["usage"] = usage }
    return .object(members)
  }

  /// The prompt counts once, however many answers there are to it.
  private static func usage(_ results: [GenerationResult]) -> JSON {
    let prompt = results.first?.promptTokens ?? 0
    let completion = results.reduce(0) { $0 + $1.completionTokens }
    return [
      "prompt_tokens": JSON(prompt), "completion_tokens": JSON(completion),
      "total_tokens": JSON(prompt + completion),
    ]
  }

  private func probabilities(_ tokens: [ScoredToken]) -> JSON {
    guard hasProbabilities else { return .null }
    let content = tokens.map { token -> JSON in
      var members = Self.members(of: token.chosen)
      members["top_logprobs"] = .array(
        token.alternatives.map { .object(Self.members(of: $0)) }
      )
      return .object(members)
    }
    return ["content": .array(content), "refusal": nil]
  }

  private static func members(of option: ScoredToken.Option) -> JSONObject {
    JSONObject([
      ("token", .string(String(decoding: option.bytes, as: UTF8.self))),
      ("logprob", .number(option.logarithm)),
      ("bytes", .array(option.bytes.map { JSON(Int($0)) })),
    ])
  }
}
