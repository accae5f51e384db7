import Primitives

/// A model with its tokenizer: what a folder in Hugging Face's layout holds.
package struct Checkpoint: Sendable {
  package let configuration: ModelConfiguration
  package let tokenizer: Tokenizer
  let format: ChatFormat
  package let layout: ParameterLayout
  /// All parameters, as `layout` places them.
  package let parameters: [Float]

  package var parameterCount: Int { parameters.count }

  /// Joins parts that must fit each other.
  init(
    configuration: ModelConfiguration,
    tokenizer: Tokenizer,
    format: ChatFormat,
    parameters: [Float]
  ) throws(CheckpointError) {
    guard tokenizer.tokenCount <= configuration.vocabularySize else {
      throw ModelConfiguration.error(
        "'vocab_size' is \(configuration.vocabularySize), but the tokenizer has "
          + "\(tokenizer.tokenCount) tokens"
      )
    }
    guard configuration.endTokens.contains(format.end) else {
      throw ModelConfiguration.error(
        "'eos_token_id' is \(configuration.endTokens.map(String.init).joined(separator: ", ")), but "
          + "the chat template ends turns with \(format.end) "
          + "('\(tokenizer.specialText(of: format.end) ?? "")'); add that token"
      )
    }
    let layout = ParameterLayout(configuration)
    precondition(parameters.count == layout.count, "BUG: parameters do not fill their layout")
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.format = format
    self.layout = layout
    self.parameters = parameters
  }

  /// A model that knows nothing: matrices from a normal distribution, norms at one.
  ///
  /// The spread is 0.02, divided by √(2·layers) for the matrices that write into the residual
  /// stream, so that its size does not grow with depth (GPT-2's rule).
  package static func untrained(
    configuration: ModelConfiguration,
    tokenizer: Tokenizer,
    seed: Int64
  ) throws(CheckpointError) -> Checkpoint {
    let layout = ParameterLayout(configuration)
    var parameters = [Float](repeating: 1, count: layout.count)
    let residual = 0.02 / (2 * Double(configuration.layerCount)).squareRoot()
    for tensor in layout.tensors where tensor.isMatrix {
      var generator = SeededGenerator(seed: seed, label: tensor.name)
      let writesBack =
        tensor.name.hasSuffix("o_proj.weight") || tensor.name.hasSuffix("down_proj.weight")
      let spread = writesBack ? residual : 0.02
      for index in tensor.range { parameters[index] = Float(generator.normal() * spread) }
    }
    return try Checkpoint(
      configuration: configuration,
      tokenizer: tokenizer,
      format: ChatFormat(tokenizer),
      parameters: parameters
    )
  }

  /// The same model with other parameters, after training.
  package func replacing(parameters: [Float]) -> Checkpoint {
    do {
      return try Checkpoint(
        configuration: configuration,
        tokenizer: tokenizer,
        format: format,
        parameters: parameters
      )
    } catch {
      fatalError("BUG: trained parameters no longer fit their model: \(error)")
    }
  }

  /// Tokens of the messages, ending with the opening of the assistant's turn.
  ///
  /// - Throws: `ChatError` for messages that the chat template refuses.
  package func promptTokens(for messages: [ChatMessage]) throws(ChatError) -> [Int32] {
    try format.prompt(messages)
  }

  /// Tokens of a whole chat, those that the assistant says marked as to be learned.
  ///
  /// - Throws: `ChatError` for messages that the chat template refuses.
  package func trainingSequence(
    for messages: [ChatMessage]
  ) throws(ChatError) -> TokenSequence {
    try format.sequence(messages).trimmed()
  }

  /// Tokens of plain text; special tokens in it are not parsed.
  package func tokenCount(of text: String) -> Int {
    tokenizer.encode(text).count
  }
}

extension SeededGenerator {
  /// A number from the normal distribution, near enough: the sum of twelve uniform ones.
  ///
  /// Irwin–Hall needs no logarithm or cosine, whose last bits differ between systems.
  fileprivate mutating func normal() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + unit() }
  }
}
