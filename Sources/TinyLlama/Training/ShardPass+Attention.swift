extension ShardPass {
  /// Where one head of one sequence lies.
  private struct Head {
    let queries: Matrix
    let keys: Matrix
    let values: Matrix
    /// Columns of the head in `[N, Q]`.
    let columns: Range<Int>

    init(_ projected: Matrix, span: Range<Int>, head: Int, _ configuration: ModelConfiguration) {
      let size = configuration.headSize
      let shared = head / (configuration.headCount / configuration.keyValueHeadCount)
      let keyStart = configuration.queryWidth + shared * size
      let valueStart = keyStart + configuration.keyValueWidth
      columns = head * size..<(head + 1) * size
      queries = projected.part(rows: span, columns: columns)
      keys = projected.part(rows: span, columns: keyStart..<keyStart + size)
      values = projected.part(rows: span, columns: valueStart..<valueStart + size)
    }
  }

  private var scoreScale: Float { 1 / Float(configuration.headSize).squareRoot() }

  /// Calls `body` with the probabilities' place for each head of each sequence, in a fixed order.
  private func forEachHead(
    _ probabilities: UnsafeMutablePointer<Float>,
    _ body: (_ span: Range<Int>, _ head: Int, _ probabilities: Matrix) -> Void
  ) {
    var place = probabilities
    for span in spans {
      for head in 0..<configuration.headCount {
        body(span, head, Matrix(place, span.count, span.count))
        place += span.count * span.count
      }
    }
  }

  /// Causal attention: each token over itself and those before it in its sequence.
  func attend(
    _ projected: Matrix
  ) -> (attended: Matrix, probabilities: UnsafeMutablePointer<Float>) {
    let squares = spans.reduce(0) { $0 + $1.count * $1.count }
    let probabilities = arena.take(squares * configuration.headCount)
    let attended = matrix(rows: tokenCount, configuration.queryWidth)
    forEachHead(probabilities) { span, index, scores in
      let head = Head(projected, span: span, head: index, configuration)
      BLAS.multiply(head.queries, by: head.keys.transposed, into: scores, scale: scoreScale)
      for row in 0..<span.count {
        VectorMath.softmax(scores.row(row), row + 1)
        for column in row + 1..<max(span.count, row + 1) { scores.row(row)[column] = 0 }
      }
      BLAS.multiply(
        scores,
        by: head.values,
        into: attended.part(rows: span, columns: head.columns)
      )
    }
    return (attended, probabilities)
  }

  /// The gradient of queries, keys and values, still rotated.
  func backwardAttention(_ saved: Activations, _ attendedGradient: Matrix) -> Matrix {
    let width = saved.projected.columns
    // Zeros, since several query heads add to the keys and values that they share.
    let gradient = Matrix(arena.takeZeros(tokenCount * width), tokenCount, width)
    let longest = spans.map(\.count).max() ?? 0
    let scratch = arena.take(longest * longest)
    forEachHead(saved.probabilities) { span, index, probabilities in
      let head = Head(saved.projected, span: span, head: index, configuration)
      let target = Head(gradient, span: span, head: index, configuration)
      let given = attendedGradient.part(rows: span, columns: head.columns)
      let scores = Matrix(scratch, span.count, span.count)
      BLAS.multiply(
        probabilities.transposed,
        by: given,
        into: target.values,
        adding: true
      )
      BLAS.multiply(given, by: head.values.transposed, into: scores)
      backwardSoftmax(probabilities, scores)
      BLAS.multiply(scores, by: head.keys, into: target.queries, scale: scoreScale)
      BLAS.multiply(
        scores.transposed,
        by: head.queries,
        into: target.keys,
        scale: scoreScale,
        adding: true
      )
    }
    return gradient
  }

  /// dS = P·(dP − Σ dP·P), row by row, in place of dP; what causality hides has P = 0.
  private func backwardSoftmax(_ probabilities: Matrix, _ scores: Matrix) {
    for row in 0..<probabilities.rows {
      let (p, d) = (probabilities.row(row), scores.row(row))
      var dot: Float = 0
      for column in 0...row { dot += p[column] * d[column] }
      for column in 0..<probabilities.columns { d[column] = p[column] * (d[column] - dot) }
    }
  }
}
