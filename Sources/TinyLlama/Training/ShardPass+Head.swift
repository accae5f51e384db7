#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension ShardPass {
  /// Rows whose next token is to be learned, with that token.
  private var targets: [(row: Int, token: Int)] {
    var targets: [(row: Int, token: Int)] = []
    for (span, sequence) in zip(spans, sequences) {
      for index in 1..<max(span.count, 1) where sequence.counts[index] {
        targets.append((span.lowerBound + index - 1, Int(sequence.tokens[index])))
      }
    }
    return targets
  }

  /// The last norm, the output matrix and the loss, for the rows to learn only.
  ///
  /// - Parameters:
  ///   - stream: `[N, H]`, what the last layer gave.
  ///   - scale: What the summed loss is multiplied by in the gradients; nil for no gradients.
  /// - Returns: The summed cross entropy in nats, and the gradient of `stream`, all zero without
  ///   a scale.
  func head(_ stream: Matrix, scale: Float?) -> (loss: Double, gradient: Matrix) {
    let hidden = configuration.hiddenSize
    let targets = targets
    let picked = matrix(rows: targets.count, hidden)
    for (index, target) in targets.enumerated() {
      picked.row(index).update(from: stream.row(target.row), count: hidden)
    }
    let normed = norm(picked, scale: layout.finalNorm)
    let scores = matrix(rows: targets.count, configuration.vocabularySize)
    let output = weight(layout.output, configuration.vocabularySize, hidden)
    BLAS.multiply(normed.output, by: output.transposed, into: scores)
    let loss = crossEntropy(scores, targets.map(\.token))
    let gradient = Matrix(arena.takeZeros(tokenCount * hidden), tokenCount, hidden)
    guard let scale else { return (loss, gradient) }
    for (index, target) in targets.enumerated() {
      let row = scores.row(index)
      row[target.token] -= 1
      for column in 0..<scores.columns { row[column] *= scale }
    }
    BLAS.multiply(
      scores.transposed,
      by: normed.output,
      into: self.gradient(layout.output, configuration.vocabularySize, hidden),
      adding: true
    )
    let normGradient = matrix(rows: targets.count, hidden)
    BLAS.multiply(scores, by: output, into: normGradient)
    let pickedGradient = Matrix(arena.takeZeros(targets.count * hidden), targets.count, hidden)
    backwardNorm(normGradient, picked, normed, scale: layout.finalNorm, into: pickedGradient)
    for (index, target) in targets.enumerated() {
      gradient.row(target.row).update(from: pickedGradient.row(index), count: hidden)
    }
    return (loss, gradient)
  }

  /// Sum of −ln p(target); the scores become probabilities.
  private func crossEntropy(_ scores: Matrix, _ targets: [Int]) -> Double {
    var loss = 0.0
    for (index, token) in targets.enumerated() {
      let row = scores.row(index)
      let score = row[token]
      let (highest, sum) = VectorMath.softmax(row, scores.columns)
      loss += Double(highest - score) + log(Double(sum))
    }
    return loss
  }
}
