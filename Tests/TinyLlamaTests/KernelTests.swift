import Primitives
import Testing
import TinyLlama

/// The kernels that decode: the same bits however many rows, threads and lanes there are.
struct KernelTests {
  /// One layer, with sizes that fill no block of the kernels: heads of 40, an odd count of tokens.
  private func checkpoint(hidden: Int = 80, inner: Int = 72) throws -> Checkpoint {
    let fresh = try Checkpoint.untrained(
      configuration: ModelConfiguration(
        vocabularySize: Fixtures.tokenizer.tokenCount,
        hiddenSize: hidden,
        intermediateSize: inner,
        layerCount: 1,
        headCount: hidden / 40,
        keyValueHeadCount: 1,
        contextLength: 128,
        endToken: Int32(Fixtures.tokenizer.tokenCount - 1)
      ),
      tokenizer: Fixtures.tokenizer,
      seed: 5
    )
    var parameters = fresh.parameters
    for tensor in fresh.layout.tensors where tensor.isMatrix {
      for index in tensor.range { parameters[index] *= 10 }
    }
    return fresh.replacing(parameters: parameters)
  }

  private static let tokens = (0..<70).map { Int32($0 * 37 % 290) }

  private func bits(_ scores: [[Float]]) -> [UInt32] { scores.flatMap { $0.map(\.bitPattern) } }

  @Test func scoresHaveTheSameBitsInEveryBatch() throws {
    let checkpoint = try checkpoint()
    let alone = bits(checkpoint.scores(after: Self.tokens, batch: 1))
    for batch in [2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 23, 32, 70] {
      #expect(bits(checkpoint.scores(after: Self.tokens, batch: batch)) == alone, "\(batch)")
    }
  }

  /// The same on every processor, with whatever registers it has.
  @Test func scoresAreThoseOfThisVersion() throws {
    let bits = bits(try checkpoint().scores(after: Self.tokens))
    let bytes = bits.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    #expect(
      Digest(of: bytes).hex == "cacc8de539e7d352e6c643863b9c3cf354127de90513233fe64557e081d85dc6"
    )
  }

  /// Its gates are the only product that is large enough to be shared between threads.
  @Test func threadsThatHelpChangeNothing() async throws {
    let checkpoint = try checkpoint(hidden: 520, inner: 520)
    let request = GenerationRequest(
      messages: [ChatMessage(.user, "Ann has 3 balls.")],
      temperature: 1,
      maxTokens: 20,
      alternatives: 20
    )
    let alone = GenerationEngine(checkpoint: checkpoint, threads: 1)
    let expected = try await alone.generate(request)
    for threads in [2, 3, 7] {
      let engine = GenerationEngine(checkpoint: checkpoint, threads: threads)
      #expect(try await engine.generate(request) == expected, "\(threads)")
    }
  }
}
