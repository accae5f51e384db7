import CBLAS
import Dispatch
import Foundation
import Primitives
import TinyLlama

/// How fast the runtime is on one folder: decoding alone and in company, training.
enum Benchmark {
  /// What something took, in seconds: by the clock, and of all processors together.
  private struct Span {
    var clock: Double
    var processor: Double

    static var now: Span {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Span(
        clock: Double(DispatchTime.now().uptimeNanoseconds) / 1e9,
        processor: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
      )
    }

    func since(_ start: Span) -> Span {
      Span(clock: clock - start.clock, processor: processor - start.processor)
    }
  }

  /// The shortest of several runs, by either measure: the others were disturbed.
  private static func shortest(
    of repetitions: Int,
    _ body: () async throws -> Void
  ) async rethrows -> Span {
    var best = Span(clock: .infinity, processor: .infinity)
    for _ in 0..<repetitions {
      let start = Span.now
      try await body()
      let span = Span.now.since(start)
      best.clock = min(best.clock, span.clock)
      best.processor = min(best.processor, span.processor)
    }
    return best
  }

  /// What the most probable answers to some prompts take, the prompts included.
  ///
  /// - Parameters:
  ///   - prompts: Asked one after the other, or as many at once as there are streams.
  ///   - engine: Answers them.
  ///   - streams: Requests at once.
  ///   - limit: Tokens of an answer at most.
  /// - Returns: `{"tokens", "seconds", "processor_seconds"}`.
  /// - Throws: `GenerationError`.
  static func decoding(
    _ prompts: [[ChatMessage]],
    by engine: GenerationEngine,
    streams: Int,
    limit: Int
  ) async throws -> JSON {
    let start = Span.now
    let tokens = try await answer(prompts, by: engine, streams: streams, limit: limit)
    let span = Span.now.since(start)
    return [
      "tokens": JSON(tokens), "seconds": .number(span.clock),
      "processor_seconds": .number(span.processor),
    ]
  }

  /// Answers all prompts; returns how many tokens that were.
  private static func answer(
    _ prompts: [[ChatMessage]],
    by engine: GenerationEngine,
    streams: Int,
    limit: Int
  ) async throws -> Int {
    try await withThrowingTaskGroup(of: Int.self) { group in
      var tokens = 0
      for (index, messages) in prompts.enumerated() {
        if index >= streams { tokens += try await group.next() ?? 0 }
        group.addTask {
          let request = GenerationRequest(messages: messages, temperature: 0, maxTokens: limit)
          return try await engine.generate(request).completionTokens
        }
      }
      for try await more in group { tokens += more }
      return tokens
    }
  }

  /// The rate of training steps beside that of large products (`cblas_sgemm`), in the same process.
  ///
  /// Counted as 6 × parameters × tokens; both in floating-point operations a second of the clock, and
  /// of all processors together, with as many threads.
  static func training(
    _ checkpoint: Checkpoint,
    on chats: [[ChatMessage]],
    threads: Int,
    repetitions: Int
  ) async throws -> JSON {
    let batch = try chats.map { try checkpoint.trainingSequence(for: $0) }
    let tokens = batch.reduce(0) { $0 + $1.tokens.count }
    let trainer = Trainer(checkpoint, threads: threads)
    _ = try trainer.step(batch, learningRate: 1e-5)
    let step = try await shortest(of: repetitions) {
      _ = try trainer.step(batch, learningRate: 1e-5)
    }
    let product = await shortest(of: repetitions) { products(threads) }
    let operations = 6 * Double(checkpoint.parameterCount) * Double(tokens)
    let edge = Double(edge)
    let squares = 2 * edge * edge * edge * Double(rounds * threads)
    return [
      "tokens": JSON(tokens), "seconds": .number(step.clock),
      "parameters": JSON(checkpoint.parameterCount),
      "operations_a_second": .number(operations / step.clock),
      "sgemm_operations_a_second": .number(squares / product.clock),
      "operations_a_processor_second": .number(operations / step.processor),
      "sgemm_operations_a_processor_second": .number(squares / product.processor),
    ]
  }

  private static let edge = 1024
  private static let rounds = 8

  /// Square products, on each thread its own.
  private static func products(_ threads: Int) {
    openblas_set_num_threads(1)
    let edge = Int32(edge)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let one = [Float](repeating: 1, count: Int(edge * edge))
      var result = one
      for _ in 0..<rounds {
        cblas_sgemm(
          CblasRowMajor,
          CblasNoTrans,
          CblasTrans,
          edge,
          edge,
          edge,
          1,
          one,
          edge,
          one,
          edge,
          0,
          &result,
          edge
        )
      }
    }
  }
}
