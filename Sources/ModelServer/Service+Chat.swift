import Primitives
import TinyLlama

extension Service {
  /// `POST /v1/chat/completions`.
  ///
  /// The same request gives the same bytes: the id is made from the request, and `created` is 0,
  /// since when an answer was made is no part of it. Of a stream the texts are the same; how they
  /// are cut into parts may differ.
  func chat(_ request: APIRequest) async throws(APIError) -> APIResponse {
    let chat = try ChatRequest(body: request.body)
    let model = try await catalog.model(chat.model)
    do throws(GenerationError) {
      try model.engine.check(chat.generation)
    } catch {
      throw Self.describe(error, chat)
    }
    let shape = CompletionShape(chat, fingerprint: Self.fingerprint(of: model), model.digest)
    if chat.streams {
      let stream = CompletionStream(chat: chat, engine: model.engine, shape: shape)
      return APIResponse(contentType: "text/event-stream; charset=utf-8", stream: stream.parts)
    }
    let results = try await Self.results(of: chat, by: model.engine)
    return APIResponse(shape.whole(results))
  }

  /// All choices, which join the same batch, in their order.
  private static func results(
    of chat: ChatRequest,
    by engine: GenerationEngine
  ) async throws(APIError) -> [GenerationResult] {
    let answers = await withTaskGroup(
      of: (choice: Int, answer: Result<GenerationResult, GenerationError>).self
    ) { group in
      for choice in 0..<chat.choices {
        var request = chat.generation
        request.choice = choice
        group.addTask { [request] in (choice, await answer(to: request, by: engine)) }
      }
      var answers: [(choice: Int, answer: Result<GenerationResult, GenerationError>)] = []
      for await answer in group { answers.append(answer) }
      return answers.sorted { $0.choice < $1.choice }
    }
    var results: [GenerationResult] = []
    for (_, answer) in answers {
      switch answer {
      case .success(let result): results.append(result)
      case .failure(let error): throw describe(error, chat)
      }
    }
    return results
  }

  private static func answer(
    to request: GenerationRequest,
    by engine: GenerationEngine
  ) async -> Result<GenerationResult, GenerationError> {
    do throws(GenerationError) {
      return .success(try await engine.generate(request))
    } catch {
      return .failure(error)
    }
  }

  /// The runtime and the checkpoint that made an answer, so that a record of it can name them.
  static func fingerprint(of model: ModelCatalog.Model) -> String {
    "\(TinyLlamaRuntime.version)/\(CheckpointManifest.modelName(of: model.digest))"
  }

  static func describe(_ error: GenerationError, _ chat: ChatRequest) -> APIError {
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
