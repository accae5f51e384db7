/// A weight matrix laid out for decoding, and the product that decoding is made of.
///
/// Each output is one running sum over the inputs from first to last, in 32-bit floats, without
/// fused operations. So it has the same bits alone or beside others, on any thread, on any
/// processor. Speed comes from computing eight outputs of four rows at once, each with its own sum.
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
    let panels = (outputs + 7) / 8
    for panel in 0..<panels {
      let weights = weights.base + panel * inputs * 8
      let target = output + panel * 8
      var row = 0
      while row + 4 <= rows {
        let sums = sumsOfFour(weights, input + row * inputs)
        store(sums.0, to: target + row * outputs, panel, adding)
        store(sums.1, to: target + (row + 1) * outputs, panel, adding)
        store(sums.2, to: target + (row + 2) * outputs, panel, adding)
        store(sums.3, to: target + (row + 3) * outputs, panel, adding)
        row += 4
      }
      while row < rows {
        store(sums(weights, input + row * inputs), to: target + row * outputs, panel, adding)
        row += 1
      }
    }
  }

  private typealias Lanes = VectorMath.Lanes

  @inline(__always)
  private func sums(_ weights: UnsafeMutablePointer<Float>, _ row: UnsafePointer<Float>) -> Lanes {
    var sum = Lanes.zero
    for index in 0..<inputs { sum += VectorMath.load(weights + index * 8) * row[index] }
    return sum
  }

  @inline(__always)
  private func sumsOfFour(
    _ weights: UnsafeMutablePointer<Float>,
    _ rows: UnsafePointer<Float>
  ) -> (Lanes, Lanes, Lanes, Lanes) {
    var sums = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    let (second, third, fourth) = (rows + inputs, rows + 2 * inputs, rows + 3 * inputs)
    for index in 0..<inputs {
      let weight = VectorMath.load(weights + index * 8)
      sums.0 += weight * rows[index]
      sums.1 += weight * second[index]
      sums.2 += weight * third[index]
      sums.3 += weight * fourth[index]
    }
    return sums
  }

  /// Writes the lanes of a panel that are outputs.
  @inline(__always)
  private func store(
    _ sums: Lanes,
    to target: UnsafeMutablePointer<Float>,
    _ panel: Int,
    _ adding: Bool
  ) {
    let count = min(8, outputs - panel * 8)
    if count == 8 {
      VectorMath.store(adding ? VectorMath.load(target) + sums : sums, to: target)
    } else {
      for lane in 0..<count { target[lane] = adding ? target[lane] + sums[lane] : sums[lane] }
    }
  }
}
