import CLanes

/// A weight matrix laid out for decoding, and the product that decoding is made of.
///
/// Each output is one running sum over the inputs from first to last, in 32-bit floats, without
/// fused operations. So it has the same bits alone or beside others, on any thread, on any
/// processor. Speed comes from many sums side by side, in the widest registers there are (`CLanes`).
struct PackedMatrix: Sendable {
  /// `[panels, inputs, 8]`: the weights of eight outputs side by side, padded with zeros.
  private let weights: FloatBuffer
  private let outputs: Int
  private let inputs: Int

  /// Packs rows of `[outputs, inputs]` that lie in a checkpoint's parameters.
  init(_ parameters: [Float], at offset: Int, outputs: Int, inputs: Int) {
    self.outputs = outputs
    self.inputs = inputs
    weights = FloatBuffer(count: (outputs + 7) / 8 * 8 * inputs)
    for output in 0..<outputs {
      let panel = weights.base + (output / 8) * inputs * 8 + output % 8
      for input in 0..<inputs { panel[input * 8] = parameters[offset + output * inputs + input] }
    }
  }

  /// Multiplies some rows: `output[r] = input[r] · Wᵀ`, or adds that to `output[r]`.
  ///
  /// - Parameters:
  ///   - input: `[rows, inputs]`.
  ///   - rows: How many.
  ///   - output: `[rows, outputs]`.
  ///   - adding: Whether to add to what is there.
  func multiply(
    _ input: UnsafeMutablePointer<Float>,
    rows: Int,
    into output: UnsafeMutablePointer<Float>,
    adding: Bool = false
  ) {
    clanes_multiply(weights.base, input, rows, inputs, outputs, output, adding)
  }
}
