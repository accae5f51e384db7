extension ShardPass {
  /// Norms every row; `scale` is the offset of the norm's parameters.
  func norm(_ input: Matrix, scale: Int) -> Norm {
    let output = matrix(rows: input.rows, input.columns)
    let inverse = arena.take(input.rows)
    for row in 0..<input.rows {
      inverse[row] = VectorMath.rootMeanSquareNorm(
        input.row(row),
        scale: parameters + scale,
        to: output.row(row),
        width: input.columns,
        epsilon: configuration.normEpsilon
      )
    }
    return Norm(output: output, inverse: inverse)
  }

  /// Adds to the gradient of a norm's input, and to that of its scale.
  ///
  /// With x̂ = x·r and y = x̂·g: dg = dy·x̂ and dx = r·(dy·g − x̂·mean(dy·g·x̂)).
  func backwardNorm(
    _ outputGradient: Matrix,
    _ input: Matrix,
    _ norm: Norm,
    scale: Int,
    into inputGradient: Matrix
  ) {
    let width = input.columns
    let scales = parameters + scale
    let scaleGradients = gradients + scale
    for row in 0..<input.rows {
      let (given, x, target) = (outputGradient.row(row), input.row(row), inputGradient.row(row))
      let inverse = norm.inverse[row]
      var dots = VectorMath.Lanes.zero
      for index in stride(from: 0, to: width, by: 8) {
        let normed = VectorMath.load(x + index) * inverse
        let gradient = VectorMath.load(given + index)
        let scaleGradient = VectorMath.load(scaleGradients + index)
        VectorMath.store(scaleGradient + gradient * normed, to: scaleGradients + index)
        dots += gradient * VectorMath.load(scales + index) * normed
      }
      let mean = VectorMath.sum(dots) / Float(width)
      for index in stride(from: 0, to: width, by: 8) {
        let normed = VectorMath.load(x + index) * inverse
        let gradient = VectorMath.load(given + index) * VectorMath.load(scales + index)
        let sum = VectorMath.load(target + index) + (gradient - normed * mean) * inverse
        VectorMath.store(sum, to: target + index)
      }
    }
  }
}
