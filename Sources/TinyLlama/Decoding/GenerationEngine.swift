import Foundation

/// Answers chats with one model.
///
/// Requests that arrive while others run join their batch. An answer depends on checkpoint and
/// request only, never on threads, neighbours or timing.
package final class GenerationEngine: Sendable {
  package let checkpoint: Checkpoint
  private let queue: GenerationQueue

  /// Starts the threads; they end when the engine is let go.
  ///
  /// - Parameters:
  ///   - checkpoint: The model.
  ///   - threads: Threads that decode.
  ///   - slotsPerThread: Requests that a thread answers at once; more wait in order.
  package init(checkpoint: Checkpoint, threads: Int = 2, slotsPerThread: Int = 16) {
    self.checkpoint = checkpoint
    let threads = max(1, threads)
    let queue = GenerationQueue(threads: threads)
    self.queue = queue
    let model = DecodingModel(checkpoint)
    for number in 0..<threads {
      // Threads hold the queue, not the engine: so its last use can end them.
      let thread = Thread {
        var worker = GenerationWorker(
          number: number,
          queue: queue,
          model: model,
          slots: max(1, slotsPerThread)
        )
        worker.run()
      }
      thread.name = "generation-\(number)"
      thread.start()
    }
  }

  deinit { queue.close() }

  /// Answers one request; cancel the calling task to give it up.
  ///
  /// - Parameters:
  ///   - request: What to answer.
  ///   - onPiece: Called in order with parts of the text as they come, on a thread that decodes: it
  ///     must not block. The pieces together are the result's text.
  /// - Returns: The whole answer.
  /// - Throws: `GenerationError`; all but overflowing numbers and cancellation before any piece.
  package func generate(
    _ request: GenerationRequest,
    onPiece: (@Sendable (GenerationPiece) -> Void)? = nil
  ) async throws(GenerationError) -> GenerationResult {
    let prompt = try promptTokens(for: request)
    let sequence = GenerationSequence(
      request,
      prompt: prompt,
      checkpoint: checkpoint,
      onPiece: onPiece
    )
    let id = queue.reserveID()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.enqueue(
          GenerationQueue.Job(id: id, sequence: sequence, continuation: continuation)
        )
      }
    } onCancel: {
      queue.cancel(id)
    }
    queue.forget(id)
    return try result.get()
  }

  /// Checks a request as `generate` does first, without answering it.
  package func check(_ request: GenerationRequest) throws(GenerationError) {
    _ = try promptTokens(for: request)
  }

  private func promptTokens(
    for request: GenerationRequest
  ) throws(GenerationError) -> [Int32] {
    try request.check()
    let prompt: [Int32]
    do throws(ChatError) {
      prompt = try checkpoint.promptTokens(for: request.messages)
    } catch {
      throw .invalidParameter(name: "messages", message: "cannot be used: \(error)")
    }
    let context = checkpoint.configuration.contextLength
    guard prompt.count < context else {
      throw .promptTooLong(tokens: prompt.count, context: context)
    }
    return prompt
  }
}
