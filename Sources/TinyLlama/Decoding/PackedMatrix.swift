import CLanes

/// A weight matrix laid out for decoding, and the product that decoding is made of.
///
/// Each output is one running sum over the inputs from first to last, in 32-bit floats, without
/// fused operations. So it has the same bits alone or beside others, on any thread, on any
/// processor. Speed comes from many sums side by side, in the widest registers there are (`CLanes`).
struct PackedMatrix: Sendable {
  private static let width = 16
  /// Weights below which a product is over before another thread has woken up.
  private static let splitLimit = 1 << 19

  /// `[panels, inputs, 16]`: the weights of 16 outputs side by side, padded with zeros.
  private let weights: WeightMemory
  private let outputs: Int
  private let inputs: Int
  private let panels: Int

  /// Packs rows of `[outputs, inputs]` that lie in a checkpoint's parameters.
  init(_ parameters: [Float], at offset: Int, outputs: Int, inputs: Int) {
    self.outputs = outputs
    self.inputs = inputs
    panels = (outputs + Self.width - 1) / Self.width
    weights = WeightMemory(count: panels * Self.width * inputs)
    for output in 0..<outputs {
      let panel = weights.base + (output / Self.width) * inputs * Self.width + output % Self.width
      for input in 0..<inputs {
        panel[input * Self.width] = parameters[offset + output * inputs + input]
      }
    }
  }

  /// Multiplies some rows: `output[r] = input[r] · Wᵀ`, or adds that to `output[r]`.
  ///
  /// - Parameters:
  ///   - input: `[rows, inputs]`.
  ///   - rows: How many.
  ///   - output: `[rows, outputs]`.
  ///   - adding: Whether to add to what is there.
  ///   - packed: Room for as many floats as the input has.
  ///   - threads: Threads that may share the work; never changes a bit.
  func multiply(
    _ input: UnsafeMutablePointer<Float>,
    rows: Int,
    into output: UnsafeMutablePointer<Float>,
    adding: Bool = false,
    packed: UnsafeMutablePointer<Float>,
    threads: Int
  ) {
    clanes_pack(input, rows, inputs, packed)
    func multiply(_ first: Int, _ end: Int) {
      clanes_multiply(weights.base, packed, rows, inputs, outputs, first, end, output, adding)
    }
    guard threads > 1, outputs * inputs >= Self.splitLimit else { return multiply(0, panels) }
    Parallel.forEach(threads, threads: threads) { part, _ in
      multiply(panels * part / threads, panels * (part + 1) / threads)
    }
  }
}
