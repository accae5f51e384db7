/// Where each tensor of a model lies in one flat buffer of 32-bit floats.
///
/// All parameters share one buffer, so that gradients, optimiser moments and reductions are plain
/// loops. Queries, keys and values follow each other, as do gate and up: each group is one matrix
/// for one multiplication. Letters: H hidden, Q query width, K key/value width, I intermediate,
/// V vocabulary. Matrices are `[out, in]`, row-major, as Hugging Face stores them.
package struct ParameterLayout: Sendable {
  /// One tensor: its name in a checkpoint, its shape, and where it starts.
  package struct Tensor: Sendable {
    package let name: String
    package let shape: [Int]
    package let offset: Int
    package var count: Int { shape.reduce(1, *) }
    package var range: Range<Int> { offset..<offset + count }
    /// Scales of norms are vectors: they start at one and do not decay.
    package var isMatrix: Bool { shape.count > 1 }
  }

  /// Offsets of the tensors of one layer.
  package struct Layer: Sendable {
    /// Scales before attention, `[H]`.
    package let inputNorm: Int
    /// `[Q + 2K, H]`: queries, keys, values.
    package let attentionIn: Int
    /// What heads give back to the stream, `[H, Q]`.
    package let attentionOut: Int
    /// Scales before the gated layer, `[H]`.
    package let outputNorm: Int
    /// `[2I, H]`: gate, up.
    package let gateUp: Int
    /// What the gated layer gives back to the stream, `[H, I]`.
    package let down: Int
  }

  /// All tensors in the order of the buffer.
  package let tensors: [Tensor]
  package let layers: [Layer]
  /// Offset of the embedding `[V, H]`.
  package let embedding: Int
  /// Offset of the output matrix `[V, H]`; the embedding's own where the two are tied.
  package let output: Int
  /// Offset of the last norm `[H]`.
  package let finalNorm: Int
  /// Floats in the buffer.
  package let count: Int

  package init(_ configuration: ModelConfiguration) {
    let hidden = configuration.hiddenSize
    let query = configuration.queryWidth
    let keyValue = configuration.keyValueWidth
    let intermediate = configuration.intermediateSize
    var builder = Builder()
    embedding = builder.add("model.embed_tokens.weight", [configuration.vocabularySize, hidden])
    layers = (0..<configuration.layerCount).map { index in
      let prefix = "model.layers.\(index)"
      let inputNorm = builder.add("\(prefix).input_layernorm.weight", [hidden])
      let attentionIn = builder.add("\(prefix).self_attn.q_proj.weight", [query, hidden])
      builder.add("\(prefix).self_attn.k_proj.weight", [keyValue, hidden])
      builder.add("\(prefix).self_attn.v_proj.weight", [keyValue, hidden])
      let attentionOut = builder.add("\(prefix).self_attn.o_proj.weight", [hidden, query])
      let outputNorm = builder.add("\(prefix).post_attention_layernorm.weight", [hidden])
      let gateUp = builder.add("\(prefix).mlp.gate_proj.weight", [intermediate, hidden])
      builder.add("\(prefix).mlp.up_proj.weight", [intermediate, hidden])
      let down = builder.add("\(prefix).mlp.down_proj.weight", [hidden, intermediate])
      return Layer(
        inputNorm: inputNorm,
        attentionIn: attentionIn,
        attentionOut: attentionOut,
        outputNorm: outputNorm,
        gateUp: gateUp,
        down: down
      )
    }
    finalNorm = builder.add("model.norm.weight", [hidden])
    output =
      configuration.tiesEmbeddings
      ? embedding : builder.add("lm_head.weight", [configuration.vocabularySize, hidden])
    tensors = builder.tensors
    count = builder.count
  }

  private struct Builder {
    var tensors: [Tensor] = []
    var count = 0

    @discardableResult
    mutating func add(_ name: String, _ shape: [Int]) -> Int {
      let tensor = Tensor(name: name, shape: shape, offset: count)
      tensors.append(tensor)
      count += tensor.count
      return tensor.offset
    }
  }
}
