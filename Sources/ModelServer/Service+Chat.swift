import Primitives
import TinyLlama

extension Service {
  /// `POST /v1/chat/completions`.
  ///
  /// The same request gives the same bytes: the id is made from the request, and `created` is 0,
  /// since when an answer was made is no part of it.
  func chat(_ request: APIRequest) async throws(APIError) -> APIResponse {
    let chat = try ChatRequest(body: request.body)
    let model = try await catalog.model(chat.model)
    let result: GenerationResult
    do {
      result = try await model.engine.generate(chat.generation)
    } catch {
      throw Self.describe(error, chat)
    }
    return APIResponse(Self.completion(of: chat, by: model, result))
  }

  private static func completion(
    of chat: ChatRequest,
    by model: ModelCatalog.Model,
    _ result: GenerationResult
  ) -> JSON {
    let id = Digest(of: "\(chat.digest):\(model.digest)").hex.prefix(24)
    return [
      "id": "chatcmpl-\(id)",
      "object": "chat.completion",
      "created": 0,
      "model": .string(chat.model),
      "choices": [
        [
          "index": 0,
          "message": [
            "role": "assistant", "content": .string(result.text), "refusal": nil,
          ],
          "logprobs": nil,
          "finish_reason": .string(result.finishReason.rawValue),
        ]
      ],
      "usage": [
        "prompt_tokens": JSON(result.promptTokens),
        "completion_tokens": JSON(result.completionTokens),
        "total_tokens": JSON(result.promptTokens + result.completionTokens),
      ],
      "system_fingerprint": .string(fingerprint(of: model)),
    ]
  }

  /// The runtime and the checkpoint that made an answer, so that a record of it can name them.
  static func fingerprint(of model: ModelCatalog.Model) -> String {
    "\(TinyLlamaRuntime.version)/\(CheckpointManifest.modelName(of: model.digest))"
  }

  private static func describe(_ error: GenerationError, _ chat: ChatRequest) -> APIError {
    switch error {
    case .promptTooLong(let tokens, let context):
      return .invalid(
        "messages",
        "the prompt has \(tokens) tokens and the model reads \(context), the answer's among them; "
          + "shorten the messages",
        code: "context_length_exceeded"
      )
    case .invalidParameter(let name, let message):
      let sent = name == "max_tokens" ? chat.tokenLimitName : name
      return .invalid(sent, "'\(sent)' \(message)")
    case .scoresNotFinite:
      return .server("the model '\(chat.model)' cannot answer: \(error)")
    case .cancelled:
      return .stopping
    }
  }
}
