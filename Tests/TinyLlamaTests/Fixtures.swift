import Primitives
import TinyLlama

/// A model small enough to check number by number, with shared keys and several layers.
enum Fixtures {
  static let texts = [
    "Ann has 3 red balls and buys 4 more.", "How many balls does Ann have?", "user\nassistant\n",
  ]

  static let tokenizer = Tokenizer.trained(on: texts + texts, tokenCount: 290)

  static func configuration(context: Int = 96) throws -> ModelConfiguration {
    try ModelConfiguration(
      vocabularySize: tokenizer.tokenCount,
      hiddenSize: 32,
      intermediateSize: 40,
      layerCount: 2,
      headCount: 4,
      keyValueHeadCount: 2,
      contextLength: context,
      endToken: Int32(tokenizer.tokenCount - 1)
    )
  }

  static func checkpoint(context: Int = 96, seed: Int64 = 1) throws -> Checkpoint {
    try .untrained(
      configuration: configuration(context: context),
      tokenizer: tokenizer,
      seed: seed
    )
  }

  /// Matrices ten times as large, so that every part of the model matters to its answers.
  static func lively(context: Int = 96, seed: Int64 = 1) throws -> Checkpoint {
    let checkpoint = try checkpoint(context: context, seed: seed)
    var parameters = checkpoint.parameters
    for tensor in checkpoint.layout.tensors where tensor.isMatrix {
      for index in tensor.range { parameters[index] *= 10 }
    }
    return checkpoint.replacing(parameters: parameters)
  }

  static let chats: [[ChatMessage]] = [
    [ChatMessage(.user, "Ann has 3 balls."), ChatMessage(.assistant, "4")],
    [
      ChatMessage(.system, "Be short."), ChatMessage(.user, "How?"),
      ChatMessage(.assistant, "Ann 12"),
    ],
    [
      ChatMessage(.user, "3"), ChatMessage(.assistant, "balls"), ChatMessage(.user, "more red"),
      ChatMessage(.assistant, "have"),
    ],
  ]

  static func examples() -> [TrainingExample] { chats.map(TrainingExample.init(messages:)) }
}
