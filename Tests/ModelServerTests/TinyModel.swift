import TinyLlama

/// A model that has learned nothing and answers within milliseconds.
enum TinyModel {
  static let contextLength = 160

  static func checkpoint(seed: Int64 = 1) throws -> Checkpoint {
    let tokenizer = Tokenizer.trained(on: ["two apples and three pears"], tokenCount: 262)
    let configuration = try ModelConfiguration(
      vocabularySize: 264,
      hiddenSize: 16,
      intermediateSize: 32,
      layerCount: 1,
      headCount: 2,
      contextLength: contextLength,
      endToken: Int32(tokenizer.tokenCount - 1)
    )
    return try Checkpoint.untrained(
      configuration: configuration,
      tokenizer: tokenizer,
      seed: seed
    )
  }
}
