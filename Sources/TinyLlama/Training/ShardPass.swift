/// Forward and backward through the model for a few sequences, on one thread.
///
/// Sequences follow each other without padding: all matrices have a row per token. Letters:
/// N tokens of the shard, M tokens to learn, H hidden, Q query width, K key/value width,
/// I intermediate, V vocabulary, T tokens of one sequence.
struct ShardPass {
  let configuration: ModelConfiguration
  let layout: ParameterLayout
  let rotary: RotaryEmbedding
  let parameters: UnsafeMutablePointer<Float>
  let gradients: UnsafeMutablePointer<Float>
  let arena: Arena
  let sequences: [TokenSequence]
  /// Rows of each sequence.
  let spans: [Range<Int>]
  let tokenCount: Int

  /// What the backward pass needs of one layer.
  struct Activations {
    /// `[N, H]`, what the layer was given.
    let input: Matrix
    let attentionNorm: Norm
    /// `[N, Q + 2K]`, queries and keys rotated.
    let projected: Matrix
    /// Attention probabilities, `[heads, T, T]` for one sequence after the other.
    let probabilities: UnsafeMutablePointer<Float>
    /// What attention gave, `[N, Q]`.
    let attended: Matrix
    /// `[N, H]`, after attention was added.
    let middle: Matrix
    let feedNorm: Norm
    /// `[N, 2I]`: gate, up.
    let gateUp: Matrix
    /// The gated layer, `[N, I]`.
    let gated: Matrix
  }

  /// A normed matrix with one over the root mean square of each row.
  struct Norm {
    let output: Matrix
    let inverse: UnsafeMutablePointer<Float>
  }

  init(
    configuration: ModelConfiguration,
    layout: ParameterLayout,
    rotary: RotaryEmbedding,
    parameters: UnsafeMutablePointer<Float>,
    gradients: UnsafeMutablePointer<Float>,
    arena: Arena,
    sequences: [TokenSequence]
  ) {
    self.configuration = configuration
    self.layout = layout
    self.rotary = rotary
    self.parameters = parameters
    self.gradients = gradients
    self.arena = arena
    self.sequences = sequences
    var spans: [Range<Int>] = []
    var count = 0
    for sequence in sequences {
      spans.append(count..<count + sequence.tokens.count)
      count += sequence.tokens.count
    }
    self.spans = spans
    tokenCount = count
  }

  func matrix(rows: Int, _ columns: Int) -> Matrix {
    Matrix(arena.take(rows * columns), rows, columns)
  }

  func weight(_ offset: Int, _ rows: Int, _ columns: Int) -> Matrix {
    Matrix(parameters + offset, rows, columns)
  }

  func gradient(_ offset: Int, _ rows: Int, _ columns: Int) -> Matrix {
    Matrix(gradients + offset, rows, columns)
  }

  /// The sum of the losses of all tokens to learn, in nats; no gradients.
  func loss() -> Double {
    arena.reset()
    let (output, _) = forward()
    return head(output, scale: nil).loss
  }

  /// Adds the gradients of `scale` times the summed loss; returns the sum.
  func lossAndGradients(scale: Float) -> Double {
    arena.reset()
    let (output, activations) = forward()
    let (loss, gradient) = head(output, scale: scale)
    for (layer, activation) in zip(layout.layers, activations).reversed() {
      backward(layer, activation, gradient)
    }
    backwardEmbedding(gradient)
    return loss
  }

  private func forward() -> (output: Matrix, activations: [Activations]) {
    var stream = embed()
    var activations: [Activations] = []
    for layer in layout.layers {
      let (output, activation) = forward(layer, stream)
      activations.append(activation)
      stream = output
    }
    return (stream, activations)
  }

  private func embed() -> Matrix {
    let width = configuration.hiddenSize
    let output = matrix(rows: tokenCount, width)
    var row = 0
    for token in sequences.lazy.flatMap(\.tokens) {
      output.row(row).update(from: parameters + layout.embedding + Int(token) * width, count: width)
      row += 1
    }
    return output
  }

  /// The embedding's share as the input; its share as the output matrix comes from `head`.
  private func backwardEmbedding(_ gradient: Matrix) {
    let width = configuration.hiddenSize
    var row = 0
    for token in sequences.lazy.flatMap(\.tokens) {
      let target = gradients + layout.embedding + Int(token) * width
      let source = gradient.row(row)
      for index in 0..<width { target[index] += source[index] }
      row += 1
    }
  }
}
