import Primitives
import Synchronization

/// One fine-tuning, from examples to a checkpoint; runs on the thread that calls `run`.
struct FineTuning: Sendable {
  private let checkpoint: Checkpoint
  private let examples: [TokenSequence]
  private let validation: [TokenSequence]
  private let options: FineTuneOptions

  /// Checks everything that can be checked before the first step.
  init(
    _ checkpoint: Checkpoint,
    examples: [TrainingExample],
    validation: [TrainingExample],
    options: FineTuneOptions
  ) throws(TrainingError) {
    try options.check()
    guard !examples.isEmpty else { throw .noExamples }
    self.checkpoint = checkpoint
    self.examples = try Self.sequences(of: examples, for: checkpoint)
    do throws(TrainingError) {
      self.validation = try Self.sequences(of: validation, for: checkpoint)
    } catch {
      throw .validation(error)
    }
    self.options = options
  }

  private static func sequences(
    of examples: [TrainingExample],
    for checkpoint: Checkpoint
  ) throws(TrainingError) -> [TokenSequence] {
    let context = checkpoint.configuration.contextLength
    var sequences: [TokenSequence] = []
    for (index, example) in examples.enumerated() {
      let sequence: TokenSequence
      do throws(ChatError) {
        sequence = try checkpoint.trainingSequence(for: example.messages)
      } catch {
        throw .unusableMessages(example: index + 1, message: "\(error)")
      }
      guard sequence.targetCount > 0 else { throw .noCompletionTokens(example: index + 1) }
      guard sequence.tokens.count <= context else {
        throw .exampleTooLong(
          example: index + 1,
          tokens: sequence.tokens.count,
          context: context
        )
      }
      sequences.append(sequence)
    }
    return sequences
  }

  /// Trains; `isCancelled` is asked before each step.
  func run(
    progress: (FineTuneProgress) -> Void,
    isCancelled: () -> Bool
  ) throws(TrainingError) -> FineTuneResult {
    let trainer = Trainer(checkpoint, threads: options.threads)
    let stepsPerEpoch = (examples.count + options.batchSize - 1) / options.batchSize
    let schedule = LearningRateSchedule(
      peak: options.learningRate,
      totalSteps: stepsPerEpoch * options.epochs
    )
    var curve: [FineTuneProgress] = []
    var trainedTokens = 0
    for epoch in 1...options.epochs {
      let order = order(ofEpoch: epoch)
      for start in stride(from: 0, to: order.count, by: options.batchSize) {
        if isCancelled() { throw .cancelled }
        let end = min(start + options.batchSize, order.count)
        let batch = order[start..<end].map { examples[$0] }
        let loss = try trainer.step(batch, learningRate: schedule.rate(at: curve.count))
        trainedTokens += batch.reduce(0) { $0 + $1.tokens.count }
        let validates = end == order.count && !validation.isEmpty
        let point = FineTuneProgress(
          step: curve.count + 1,
          totalSteps: schedule.totalSteps,
          epoch: epoch,
          trainingLoss: loss,
          validationLoss: validates ? trainer.loss(validation) : nil,
          trainedTokens: trainedTokens
        )
        curve.append(point)
        progress(point)
      }
    }
    return FineTuneResult(
      checkpoint: trainer.checkpoint,
      trainedTokens: trainedTokens,
      curve: curve
    )
  }

  private func order(ofEpoch epoch: Int) -> [Int] {
    var generator = SeededGenerator(seed: options.seed, label: "epoch-\(epoch)")
    var order = Array(examples.indices)
    generator.shuffle(&order)
    return order
  }
}

/// A flag that one task raises and a thread reads.
final class CancellationFlag: Sendable {
  private let raised = Atomic(false)

  var isRaised: Bool { raised.load(ordering: .relaxed) }

  func raise() { raised.store(true, ordering: .relaxed) }
}
