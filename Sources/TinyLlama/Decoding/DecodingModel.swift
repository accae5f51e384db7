/// A checkpoint's weights as decoding wants them; shared by all threads, never changed.
struct DecodingModel: Sendable {
  /// The weights of one layer.
  struct Layer: Sendable {
    let inputNorm: FloatBuffer
    let attentionIn: PackedMatrix
    let attentionOut: PackedMatrix
    let outputNorm: FloatBuffer
    let gateUp: PackedMatrix
    let down: PackedMatrix
  }

  let configuration: ModelConfiguration
  let rotary: RotaryEmbedding
  let layers: [Layer]
  let finalNorm: FloatBuffer
  /// Gives the scores of all tokens.
  let output: PackedMatrix
  /// `[V, H]`, the rows that tokens become.
  let embedding: FloatBuffer

  init(_ checkpoint: Checkpoint) {
    let configuration = checkpoint.configuration
    let layout = checkpoint.layout
    let parameters = checkpoint.parameters
    let hidden = configuration.hiddenSize
    func vector(_ offset: Int, _ count: Int) -> FloatBuffer {
      FloatBuffer(Array(parameters[offset..<offset + count]))
    }
    func matrix(_ offset: Int, _ outputs: Int, _ inputs: Int) -> PackedMatrix {
      PackedMatrix(parameters, at: offset, outputs: outputs, inputs: inputs)
    }
    self.configuration = configuration
    rotary = RotaryEmbedding(configuration)
    layers = layout.layers.map { layer in
      Layer(
        inputNorm: vector(layer.inputNorm, hidden),
        attentionIn: matrix(
          layer.attentionIn,
          configuration.queryWidth + 2 * configuration.keyValueWidth,
          hidden
        ),
        attentionOut: matrix(layer.attentionOut, hidden, configuration.queryWidth),
        outputNorm: vector(layer.outputNorm, hidden),
        gateUp: matrix(layer.gateUp, 2 * configuration.intermediateSize, hidden),
        down: matrix(layer.down, hidden, configuration.intermediateSize)
      )
    }
    finalNorm = vector(layout.finalNorm, hidden)
    output = matrix(layout.output, configuration.vocabularySize, hidden)
    embedding = vector(layout.embedding, configuration.vocabularySize * hidden)
  }
}
