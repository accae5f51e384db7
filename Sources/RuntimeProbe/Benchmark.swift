import CBLAS
import Dispatch
import Primitives
import TinyLlama

/// How fast the runtime is on one folder: decoding alone and in company, training.
struct Benchmark {
  let checkpoint: Checkpoint
  let threads: Int

  private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

  /// The shortest of several runs, in seconds: the others were disturbed.
  private func shortest(
    of repetitions: Int,
    _ body: () async throws -> Void
  ) async rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<repetitions {
      let start = Self.now
      try await body()
      best = min(best, Self.now - start)
    }
    return best
  }

  /// Tokens a second that answers to some prompts take, the time for the prompts included.
  ///
  /// - Parameters:
  ///   - prompts: Asked one after the other, or as many at once as there are streams.
  ///   - streams: Requests at once.
  ///   - limit: Tokens of an answer at most.
  ///   - repetitions: Of which the fastest counts.
  /// - Returns: `{"tokens", "seconds"}` of the fastest.
  /// - Throws: `GenerationError`.
  func decoding(
    _ prompts: [[ChatMessage]],
    streams: Int,
    limit: Int,
    repetitions: Int
  ) async throws -> JSON {
    let engine = GenerationEngine(checkpoint: checkpoint, threads: threads)
    var tokens = 0
    let seconds = try await shortest(of: repetitions) {
      tokens = try await Self.answer(prompts, by: engine, streams: streams, limit: limit)
    }
    return ["tokens": JSON(tokens), "seconds": .number(seconds)]
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
  /// Counted as 6 × parameters × tokens; both in floating-point operations a second, with as many
  /// threads.
  func training(_ chats: [[ChatMessage]], repetitions: Int) async throws -> JSON {
    let batch = try chats.map { try checkpoint.trainingSequence(for: $0) }
    let tokens = batch.reduce(0) { $0 + $1.tokens.count }
    let trainer = Trainer(checkpoint, threads: threads)
    _ = try trainer.step(batch, learningRate: 1e-5)
    let seconds = try await shortest(of: repetitions) {
      _ = try trainer.step(batch, learningRate: 1e-5)
    }
    let product = await shortest(of: repetitions) { Self.products(threads) }
    let edge = Double(Self.edge)
    return [
      "tokens": JSON(tokens), "seconds": .number(seconds),
      "parameters": JSON(checkpoint.parameterCount),
      "operations_a_second": .number(
        6 * Double(checkpoint.parameterCount) * Double(tokens) / seconds
      ),
      "sgemm_operations_a_second": .number(
        2 * edge * edge * edge * Double(Self.rounds * threads) / product
      ),
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
