extension ShardPass {
  /// One layer forward: attention, then the gated feed-forward, each added to the stream.
  func forward(
    _ layer: ParameterLayout.Layer,
    _ input: Matrix
  ) -> (output: Matrix, activations: Activations) {
    let hidden = configuration.hiddenSize
    let query = configuration.queryWidth
    let all = query + 2 * configuration.keyValueWidth
    let inner = configuration.intermediateSize
    let attentionNorm = norm(input, scale: layer.inputNorm)
    let projected = matrix(rows: tokenCount, all)
    BLAS.multiply(
      attentionNorm.output,
      by: weight(layer.attentionIn, all, hidden).transposed,
      into: projected
    )
    rotate(projected)
    let (attended, probabilities) = attend(projected)
    let middle = copy(input)
    BLAS.multiply(
      attended,
      by: weight(layer.attentionOut, hidden, query).transposed,
      into: middle,
      adding: true
    )
    let feedNorm = norm(middle, scale: layer.outputNorm)
    let gateUp = matrix(rows: tokenCount, 2 * inner)
    BLAS.multiply(
      feedNorm.output,
      by: weight(layer.gateUp, 2 * inner, hidden).transposed,
      into: gateUp
    )
    let gated = gate(gateUp)
    let output = copy(middle)
    BLAS.multiply(
      gated,
      by: weight(layer.down, hidden, inner).transposed,
      into: output,
      adding: true
    )
    let activations = Activations(
      input: input,
      attentionNorm: attentionNorm,
      projected: projected,
      probabilities: probabilities,
      attended: attended,
      middle: middle,
      feedNorm: feedNorm,
      gateUp: gateUp,
      gated: gated
    )
    return (output, activations)
  }

  /// One layer backward; `gradient` is that of its output and becomes that of its input.
  func backward(_ layer: ParameterLayout.Layer, _ saved: Activations, _ gradient: Matrix) {
    let hidden = configuration.hiddenSize
    let query = configuration.queryWidth
    let all = query + 2 * configuration.keyValueWidth
    let inner = configuration.intermediateSize
    let gatedGradient = matrix(rows: tokenCount, inner)
    backward(
      gradient,
      of: saved.gated,
      through: layer.down,
      (hidden, inner),
      into: gatedGradient
    )
    let gateUpGradient = backwardGate(saved.gateUp, gatedGradient)
    let normGradient = matrix(rows: tokenCount, hidden)
    backward(
      gateUpGradient,
      of: saved.feedNorm.output,
      through: layer.gateUp,
      (2 * inner, hidden),
      into: normGradient
    )
    backwardNorm(
      normGradient,
      saved.middle,
      saved.feedNorm,
      scale: layer.outputNorm,
      into: gradient
    )
    let attendedGradient = matrix(rows: tokenCount, query)
    backward(
      gradient,
      of: saved.attended,
      through: layer.attentionOut,
      (hidden, query),
      into: attendedGradient
    )
    let projectedGradient = backwardAttention(saved, attendedGradient)
    rotate(projectedGradient, backwards: true)
    backward(
      projectedGradient,
      of: saved.attentionNorm.output,
      through: layer.attentionIn,
      (all, hidden),
      into: normGradient
    )
    backwardNorm(
      normGradient,
      saved.input,
      saved.attentionNorm,
      scale: layer.inputNorm,
      into: gradient
    )
  }

  /// Backward through `output = input · weightᵀ`: adds the weight's gradient, gives the input's.
  private func backward(
    _ outputGradient: Matrix,
    of input: Matrix,
    through offset: Int,
    _ shape: (rows: Int, columns: Int),
    into inputGradient: Matrix
  ) {
    BLAS.multiply(
      outputGradient.transposed,
      by: input,
      into: gradient(offset, shape.rows, shape.columns),
      adding: true
    )
    BLAS.multiply(
      outputGradient,
      by: weight(offset, shape.rows, shape.columns),
      into: inputGradient
    )
  }

  private func copy(_ source: Matrix) -> Matrix {
    let target = matrix(rows: source.rows, source.columns)
    target.base.update(from: source.base, count: source.rows * source.columns)
    return target
  }

  /// Turns queries and keys; values stay.
  private func rotate(_ projected: Matrix, backwards: Bool = false) {
    let heads = configuration.headCount + configuration.keyValueHeadCount
    for span in spans {
      for row in span {
        rotary.rotate(
          projected.row(row),
          headCount: heads,
          position: row - span.lowerBound,
          backwards: backwards
        )
      }
    }
  }

  /// The gated layer: `silu(gate) · up`, number by number.
  private func gate(_ gateUp: Matrix) -> Matrix {
    let inner = configuration.intermediateSize
    let output = matrix(rows: tokenCount, inner)
    for row in 0..<tokenCount {
      let (gate, target) = (gateUp.row(row), output.row(row))
      for index in stride(from: 0, to: inner, by: 8) {
        let activated = VectorMath.silu(VectorMath.load(gate + index)).value
        VectorMath.store(activated * VectorMath.load(gate + inner + index), to: target + index)
      }
    }
    return output
  }

  private func backwardGate(_ gateUp: Matrix, _ gatedGradient: Matrix) -> Matrix {
    let inner = configuration.intermediateSize
    let output = matrix(rows: tokenCount, 2 * inner)
    for row in 0..<tokenCount {
      let (gates, given, target) = (gateUp.row(row), gatedGradient.row(row), output.row(row))
      for index in stride(from: 0, to: inner, by: 8) {
        let gate = VectorMath.load(gates + index)
        let up = VectorMath.load(gates + inner + index)
        let gradient = VectorMath.load(given + index)
        let (value, sigmoid) = VectorMath.silu(gate)
        // d silu(g)/dg = s + g·s·(1 - s)
        let slope = sigmoid + value * (1 - sigmoid)
        VectorMath.store(gradient * up * slope, to: target + index)
        VectorMath.store(gradient * value, to: target + inner + index)
      }
    }
    return output
  }
}
