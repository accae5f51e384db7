/// The sizes and constants of a Llama model, as its `config.json` states them.
package struct ModelConfiguration: Sendable, Hashable {
  /// Rows of the embedding: at least as many as the tokenizer has tokens.
  package let vocabularySize: Int
  /// Width of the residual stream.
  package let hiddenSize: Int
  /// Width of the gated layer between `gate_proj`/`up_proj` and `down_proj`.
  package let intermediateSize: Int
  package let layerCount: Int
  package let headCount: Int
  /// Heads of keys and values; fewer than `headCount` where several queries share one.
  package let keyValueHeadCount: Int
  /// Width of one head; even, since rotary embeddings turn pairs.
  package let headSize: Int
  /// Tokens that prompt and answer may have together.
  package let contextLength: Int
  /// Added to the mean square before its root is taken.
  package let normEpsilon: Float
  /// Base of the rotary embedding's wavelengths.
  package let ropeTheta: Double
  /// How the embedding's wavelengths are stretched; nil where they are not.
  package let ropeScaling: RopeScaling?
  /// Whether the embedding is the output matrix too.
  package let tiesEmbeddings: Bool
  /// The token that ends a turn.
  package let endToken: Int32
  /// Further tokens that end an answer, in the order of the file.
  package let otherEndTokens: [Int32]

  /// Every token that ends an answer.
  package var endTokens: [Int32] { [endToken] + otherEndTokens }
  /// Width of all queries of a token together.
  package var queryWidth: Int { headCount * headSize }
  /// Width of all keys (or all values) of a token together.
  package var keyValueWidth: Int { keyValueHeadCount * headSize }

  package init(
    vocabularySize: Int,
    hiddenSize: Int,
    intermediateSize: Int,
    layerCount: Int,
    headCount: Int,
    keyValueHeadCount: Int? = nil,
    headSize: Int? = nil,
    contextLength: Int,
    normEpsilon: Float = 1e-5,
    ropeTheta: Double = 10_000,
    ropeScaling: RopeScaling? = nil,
    tiesEmbeddings: Bool = true,
    endToken: Int32,
    otherEndTokens: [Int32] = []
  ) throws(CheckpointError) {
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.keyValueHeadCount = keyValueHeadCount ?? headCount
    self.headSize = headSize ?? (headCount > 0 ? hiddenSize / headCount : 0)
    self.contextLength = contextLength
    self.normEpsilon = normEpsilon
    self.ropeTheta = ropeTheta
    self.ropeScaling = ropeScaling
    self.tiesEmbeddings = tiesEmbeddings
    self.endToken = endToken
    self.otherEndTokens = otherEndTokens
    try check()
  }

  /// Refuses sizes that do not fit together, and those that the kernels' eight lanes cannot take.
  private func check() throws(CheckpointError) {
    try Self.check("vocab_size", vocabularySize, in: 1...1_000_000)
    try Self.check("hidden_size", hiddenSize, in: 8...16_384, multipleOf: 8)
    try Self.check("intermediate_size", intermediateSize, in: 8...65_536, multipleOf: 8)
    try Self.check("num_hidden_layers", layerCount, in: 1...256)
    try Self.check("num_attention_heads", headCount, in: 1...1024)
    try Self.check("num_key_value_heads", keyValueHeadCount, in: 1...headCount)
    try Self.check("head_dim", headSize, in: 8...1024, multipleOf: 8)
    try Self.check("max_position_embeddings", contextLength, in: 2...1_000_000)
    for token in endTokens {
      try Self.check("eos_token_id", Int(token), in: 0...(vocabularySize - 1))
    }
    guard headCount.isMultiple(of: keyValueHeadCount) else {
      throw Self.error(
        "'num_attention_heads' is \(headCount), which 'num_key_value_heads' "
          + "\(keyValueHeadCount) does not divide"
      )
    }
    guard normEpsilon > 0, normEpsilon < 1 else {
      throw Self.error("'rms_norm_eps' is \(normEpsilon); expected a number between 0 and 1")
    }
    guard ropeTheta >= 1, ropeTheta.isFinite else {
      throw Self.error("'rope_theta' is \(ropeTheta); expected a number of at least 1")
    }
  }

  private static func check(
    _ name: String,
    _ value: Int,
    in range: ClosedRange<Int>,
    multipleOf factor: Int = 1
  ) throws(CheckpointError) {
    guard range.contains(value), value.isMultiple(of: factor) else {
      let multiple = factor == 1 ? "" : ", a multiple of \(factor)"
      throw error(
        "'\(name)' is \(value); expected \(range.lowerBound) to \(range.upperBound)\(multiple)"
      )
    }
  }

  static func error(_ message: String) -> CheckpointError {
    CheckpointError(file: "config.json", message)
  }
}
