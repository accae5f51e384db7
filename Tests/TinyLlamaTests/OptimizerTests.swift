import Testing
import TinyLlama

/// Steps of the trainer beside AdamW in doubles.
struct OptimizerTests {
  /// Algorithm 2 of Loshchilov and Hutter 2019, on gradients that are first cut to length one.
  private struct Plain {
    let layout: ParameterLayout
    private var means: [Double]
    private var squares: [Double]
    private var powers = (mean: 1.0, square: 1.0)

    init(_ layout: ParameterLayout) {
      self.layout = layout
      means = [Double](repeating: 0, count: layout.count)
      squares = means
    }

    mutating func step(_ parameters: [Float], _ gradients: [Float], rate: Double) -> [Double] {
      powers = (powers.mean * 0.9, powers.square * 0.95)
      let length = OptimizerTests.length(gradients)
      var result = parameters.map(Double.init)
      for tensor in layout.tensors {
        for index in tensor.range {
          let gradient = Double(gradients[index]) / max(1, length)
          means[index] = 0.9 * means[index] + 0.1 * gradient
          squares[index] = 0.95 * squares[index] + 0.05 * gradient * gradient
          let mean = means[index] / (1 - powers.mean)
          let square = squares[index] / (1 - powers.square)
          let decay = tensor.isMatrix ? 0.01 * result[index] : 0
          result[index] -= rate * (mean / (square.squareRoot() + 1e-8) + decay)
        }
      }
      return result
    }
  }

  private static func length(_ gradients: [Float]) -> Double {
    gradients.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// Gradients that are cut, and those of a model that knows its examples, which are not.
  @Test(arguments: [true, false]) func stepsAreThoseOfTheAlgorithm(isCut: Bool) throws {
    var checkpoint = try Fixtures.lively()
    let batch = try Fixtures.chats.map { try checkpoint.trainingSequence(for: $0) }
    if !isCut {
      let teacher = Trainer(try Fixtures.checkpoint(), threads: 1)
      for _ in 0..<150 { _ = try teacher.step(batch, learningRate: 5e-3) }
      checkpoint = teacher.checkpoint
    }
    let trainer = Trainer(checkpoint, threads: 1)
    var plain = Plain(checkpoint.layout)
    // The first step goes one rate far whatever the gradient's length; the later ones have a past.
    for rate in [0.01, 0.004, 0.002] {
      let gradients = trainer.gradients(of: batch)
      if isCut {
        #expect(Self.length(gradients) > 1.5)
      } else if rate == 0.01 {
        #expect(Self.length(gradients) < 0.9)
      }
      let expected = plain.step(trainer.checkpoint.parameters, gradients, rate: rate)
      _ = try trainer.step(batch, learningRate: rate)
      let difference = zip(trainer.checkpoint.parameters, expected)
        .reduce(0.0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(difference < 1e-3 * rate, "\(difference / rate)")
    }
  }
}
