import Primitives
import Testing
import TinyLlama

/// What the runtime's version stands for: raise it when one of these digests changes.
///
/// Cached answers and trained models are found by that version, so a changed result under an
/// unchanged version would mix old and new.
struct RuntimeVersionTests {
  @Test func theVersionIsTheOneOfTheseDigests() {
    #expect(TinyLlamaRuntime.version == "tiny-llama-1")
  }

  @Test func answersAreThoseOfThisVersion() async throws {
    let engine = GenerationEngine(checkpoint: try Fixtures.lively(), threads: 1)
    var texts: [JSON] = []
    for (index, temperature) in [0, 0.7, 1, 2].enumerated() {
      let request = GenerationRequest(
        messages: [ChatMessage(.user, "Ann has 3 balls.")],
        temperature: temperature,
        topP: index == 2 ? 0.8 : 1,
        topK: index == 3 ? 50 : 0,
        maxTokens: 40,
        seed: 17
      )
      texts.append(.string(try await engine.generate(request).text))
    }
    #expect(
      Digest(of: JSON.array(texts).canonical).hex
        == "6ee646fa06e75e4d11e8c2be904dbf6fdc3fdf8806f23971ce5127cca81960fd"
    )
  }

  @Test func freshCheckpointsAreThoseOfThisVersion() throws {
    let digest = try Fixtures.lively().digest.hex
    #expect(digest == "7d5a5eacfe3767f3a97abf9fb07f0614da8071abd9bacb01e6f6767c5759f1c7")
  }

  /// Other processors sum in another order: their digests are their own.
  @Test(.enabled(if: TinyLlamaRuntime.trainingKernel == "Cooperlake"))
  func trainedModelsAreThoseOfThisVersion() async throws {
    let result = try await Fixtures.checkpoint().fineTuned(
      on: Fixtures.examples(),
      options: FineTuneOptions(epochs: 3, batchSize: 2, learningRate: 1e-3, seed: 3)
    )
    #expect(
      result.checkpoint.digest.hex
        == "0c8ea342aee7976bff8477c700e79573e418e268397b6df8de863eb877bbb26f"
    )
  }
}
