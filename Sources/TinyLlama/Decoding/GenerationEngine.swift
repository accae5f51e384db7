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
  package func generate(
    _ request: GenerationRequest
  ) async throws(GenerationError) -> GenerationResult {
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
    let sequence = GenerationSequence(request, prompt: prompt, checkpoint: checkpoint)
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
}
