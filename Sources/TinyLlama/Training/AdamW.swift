/// Adam with decoupled weight decay.
///
/// Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2.
struct AdamW {
  /// How fast the mean of the gradients forgets.
  private let meanDecay: Float = 0.9
  /// How fast the mean of their squares forgets; short, as usual for language models.
  private let squareDecay: Float = 0.95
  private let epsilon: Float = 1e-8
  /// Applies to matrices, not to the scales of norms.
  private let weightDecay: Float = 0.01

  private let means: FloatBuffer
  private let squares: FloatBuffer
  private var meanPower: Float = 1
  private var squarePower: Float = 1

  init(count: Int) {
    means = FloatBuffer(count: count)
    squares = FloatBuffer(count: count)
  }

  /// Counts one more step; then each range of the parameters is to be updated once.
  mutating func advance() {
    meanPower *= meanDecay
    squarePower *= squareDecay
  }

  /// Updates a range of parameters from gradients times `scale`.
  func update(
    _ parameters: UnsafeMutablePointer<Float>,
    _ gradients: UnsafeMutablePointer<Float>,
    _ range: Range<Int>,
    scale: Float,
    learningRate: Float,
    decays: Bool
  ) {
    let meanScale = 1 / (1 - meanPower)
    let squareScale = 1 / (1 - squarePower)
    let kept = decays ? 1 - learningRate * weightDecay : 1
    let (means, squares) = (means.base, squares.base)
    for index in range {
      let gradient = gradients[index] * scale
      let mean = means[index] * meanDecay + gradient * (1 - meanDecay)
      let square = squares[index] * squareDecay + gradient * gradient * (1 - squareDecay)
      means[index] = mean
      squares[index] = square
      let direction = mean * meanScale / ((square * squareScale).squareRoot() + epsilon)
      parameters[index] = parameters[index] * kept - learningRate * direction
    }
  }
}
