/// Trains a model step by step; the same bytes for the same batches, whatever the threads.
///
/// Each batch is cut into a fixed number of shards, whose gradients are added in a fixed order;
/// threads only decide who computes which. Not `Sendable`: one thread drives it.
package final class Trainer {
  /// Shards of a batch: part of what shapes the result, so it follows neither threads nor machine.
  private static let shardCount = 8
  /// Length that the whole gradient is cut down to.
  private static let gradientLimit = 1.0

  private let checkpointBefore: Checkpoint
  private let layout: ParameterLayout
  private let rotary: RotaryEmbedding
  private let threads: Int
  private let parameters: FloatBuffer
  private let gradients: [FloatBuffer]
  private let arenas: [Arena]
  private var optimizer: AdamW
  private var steps = 0

  package init(_ checkpoint: Checkpoint, threads: Int) {
    checkpointBefore = checkpoint
    layout = checkpoint.layout
    rotary = RotaryEmbedding(checkpoint.configuration)
    self.threads = max(1, min(threads, Self.shardCount))
    parameters = FloatBuffer(checkpoint.parameters)
    gradients = (0..<Self.shardCount).map { _ in FloatBuffer(count: checkpoint.layout.count) }
    arenas = (0..<self.threads).map { _ in Arena() }
    optimizer = AdamW(count: checkpoint.layout.count)
  }

  /// The model as it now is.
  package var checkpoint: Checkpoint { checkpointBefore.replacing(parameters: parameters.values) }

  /// One step on a batch.
  ///
  /// - Parameters:
  ///   - batch: Sequences within the context, with at least one token to learn between them.
  ///   - learningRate: Of this step.
  /// - Returns: Mean loss in nats per learned token, before the step.
  /// - Throws: `TrainingError.lossNotFinite`; the parameters are then as before the step.
  package func step(
    _ batch: [TokenSequence],
    learningRate: Double
  ) throws(TrainingError) -> Double {
    steps += 1
    let targets = batch.reduce(0) { $0 + $1.targetCount }
    let losses = forEachShard(of: batch) { pass in
      pass.lossAndGradients(scale: 1 / Float(targets))
    }
    let loss = losses.reduce(0, +) / Double(targets)
    let length = reduceGradients()
    guard loss.isFinite, length.isFinite else { throw .lossNotFinite(step: steps) }
    let scale = length > Self.gradientLimit ? Self.gradientLimit / length : 1
    optimizer.advance()
    let tensors = layout.tensors
    Parallel.forEach(tensors.count, threads: threads) { index, _ in
      optimizer.update(
        parameters.base,
        gradients[0].base,
        tensors[index].range,
        scale: Float(scale),
        learningRate: Float(learningRate),
        decays: tensors[index].isMatrix
      )
    }
    return loss
  }

  /// Mean loss in nats per learned token; changes nothing.
  package func loss(_ sequences: [TokenSequence]) -> Double {
    let targets = sequences.reduce(0) { $0 + $1.targetCount }
    var sum = 0.0
    for start in stride(from: 0, to: sequences.count, by: 64) {
      let losses = forEachShard(of: Array(sequences[start..<min(start + 64, sequences.count)])) {
        $0.loss()
      }
      sum = losses.reduce(sum, +)
    }
    return sum / Double(targets)
  }

  /// Gradients of the mean loss over a batch, for checking them; changes no parameter.
  package func gradients(of batch: [TokenSequence]) -> [Float] {
    let scale = 1 / Float(batch.reduce(0) { $0 + $1.targetCount })
    _ = forEachShard(of: batch) { $0.lossAndGradients(scale: scale) }
    _ = reduceGradients()
    return gradients[0].values
  }

  /// Runs a pass for each shard; the results are in the shards' order.
  private func forEachShard(
    of batch: [TokenSequence],
    _ body: (ShardPass) -> Double
  ) -> [Double] {
    // A sequence goes to the shard of its number: neighbours differ in length less than shards do.
    var shards = [[TokenSequence]](repeating: [], count: Self.shardCount)
    for (index, sequence) in batch.enumerated() { shards[index % Self.shardCount].append(sequence) }
    var results = [Double](repeating: 0, count: Self.shardCount)
    results.withUnsafeMutableBufferPointer { results in
      Parallel.forEach(Self.shardCount, threads: threads) { shard, thread in
        gradients[shard].clear()
        guard !shards[shard].isEmpty else { return }
        let pass = ShardPass(
          configuration: checkpointBefore.configuration,
          layout: layout,
          rotary: rotary,
          parameters: parameters.base,
          gradients: gradients[shard].base,
          arena: arenas[thread],
          sequences: shards[shard]
        )
        results[shard] = body(pass)
      }
    }
    return results
  }

  /// Adds all shards' gradients into the first; returns the length of the whole.
  private func reduceGradients() -> Double {
    let tensors = layout.tensors
    var sums = [Double](repeating: 0, count: tensors.count)
    sums.withUnsafeMutableBufferPointer { sums in
      Parallel.forEach(tensors.count, threads: threads) { index, _ in
        let total = gradients[0].base
        for other in gradients.dropFirst() {
          let more = other.base
          for place in tensors[index].range { total[place] += more[place] }
        }
        var sum = 0.0
        for place in tensors[index].range { sum += Double(total[place]) * Double(total[place]) }
        sums[index] = sum
      }
    }
    return sums.reduce(0, +).squareRoot()
  }
}
