import Primitives
import TinyLlama

/// One chat answered in parts, as server-sent events.
///
/// Source: the HTML standard, "Server-sent events": `data: …` and an empty line. The last event is
/// `[DONE]`; an error that comes when parts are out already is an event of its own.
struct CompletionStream: Sendable {
  let chat: ChatRequest
  let engine: GenerationEngine
  let shape: CompletionShape

  /// The events; whoever stops reading them ends the decoding.
  var parts: AsyncStream<[UInt8]> {
    let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    // Lives as long as the stream is read, not as long as the request is handled: the answer's
    // head is sent, and the handler has returned, before the first part is there.
    let task = Task {
      await send(to: continuation)
      continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }

  private func send(to continuation: AsyncStream<[UInt8]>.Continuation) async {
    do throws(GenerationError) {
      let results = try await answers(to: continuation)
      if let usage = shape.usagePart(results) { continuation.yield(Self.event(usage)) }
    } catch {
      continuation.yield(Self.event(Service.describe(error, chat).json))
    }
    continuation.yield(Array("data: [DONE]\n\n".utf8))
  }

  /// Sends all choices side by side.
  private func answers(
    to continuation: AsyncStream<[UInt8]>.Continuation
  ) async throws(GenerationError) -> [GenerationResult] {
    let answers = await withTaskGroup(of: Result<GenerationResult, GenerationError>.self) { group in
      for choice in 0..<chat.choices {
        group.addTask { await answer(choice, to: continuation) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var results: [GenerationResult] = []
    for answer in answers { results.append(try answer.get()) }
    return results
  }

  private func answer(
    _ choice: Int,
    to continuation: AsyncStream<[UInt8]>.Continuation
  ) async -> Result<GenerationResult, GenerationError> {
    var request = chat.generation
    request.choice = choice
    continuation.yield(Self.event(shape.opening(choice: choice)))
    do throws(GenerationError) {
      let result = try await engine.generate(request) { piece in
        continuation.yield(Self.event(shape.part(choice: choice, piece)))
      }
      continuation.yield(Self.event(shape.closing(choice: choice, result.finishReason)))
      return .success(result)
    } catch {
      return .failure(error)
    }
  }

  private static func event(_ json: JSON) -> [UInt8] {
    Array("data: \(json.compactText)\n\n".utf8)
  }
}
