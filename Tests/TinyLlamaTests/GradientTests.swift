import Primitives
import Testing
import TinyLlama

/// The hand-written backward pass against finite differences of the forward pass.
struct GradientTests {
  /// The slope along the gradient itself must be its length, tensor by tensor.
  @Test func gradientsAgreeWithFiniteDifferences() throws {
    let checkpoint = try Fixtures.lively()
    let batch = try Fixtures.chats.map { try checkpoint.trainingSequence(for: $0) }
    let gradients = Trainer(checkpoint, threads: 1).gradients(of: batch)
    for tensor in checkpoint.layout.tensors {
      let slice = gradients[tensor.range]
      let length = slice.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(length > 1e-5, "\(tensor.name) has no gradient")
      let step = 4e-3
      func loss(_ sign: Double) -> Double {
        var parameters = checkpoint.parameters
        for index in tensor.range {
          parameters[index] += Float(sign * step * Double(gradients[index]) / length)
        }
        return Trainer(checkpoint.replacing(parameters: parameters), threads: 1).loss(batch)
      }
      let slope = (loss(1) - loss(-1)) / (2 * step)
      #expect(abs(slope - length) < 0.01 * length + 2e-4, "\(tensor.name): \(slope), \(length)")
    }
  }

  /// Along random directions, so that a wrong part cannot hide behind a large right one.
  @Test(arguments: 1...5) func slopesAgreeInRandomDirections(seed: Int64) throws {
    let checkpoint = try Fixtures.lively()
    let batch = try Fixtures.chats.map { try checkpoint.trainingSequence(for: $0) }
    let gradients = Trainer(checkpoint, threads: 1).gradients(of: batch)
    var generator = SeededGenerator(seed: seed, label: "direction")
    let direction = gradients.map { _ in generator.unit() - 0.5 }
    let expected = zip(direction, gradients).reduce(0.0) { $0 + $1.0 * Double($1.1) }
    let step = 2e-4
    func loss(_ sign: Double) -> Double {
      let moved = zip(checkpoint.parameters, direction).map { $0 + Float(sign * step * $1) }
      return Trainer(checkpoint.replacing(parameters: moved), threads: 1).loss(batch)
    }
    let slope = (loss(1) - loss(-1)) / (2 * step)
    #expect(abs(slope - expected) < 0.02 * abs(expected) + 0.01, "\(slope), \(expected)")
  }
}
