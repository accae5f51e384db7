/// How a model is fine-tuned.
package struct FineTuneOptions: Sendable, Hashable {
  /// Times that every example is seen.
  package var epochs: Int
  /// Examples a step; the last step of an epoch takes what is left.
  package var batchSize: Int
  /// The highest rate; see `LearningRateSchedule`.
  package var learningRate: Double
  /// Shapes the order of the examples.
  package var seed: Int64
  /// Never changes the result.
  package var threads: Int

  package init(
    epochs: Int = 5,
    batchSize: Int = 16,
    learningRate: Double = 2e-5,
    seed: Int64 = 0,
    threads: Int = 2
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.seed = seed
    self.threads = threads
  }

  func check() throws(TrainingError) {
    func fail(_ name: String, _ value: some CustomStringConvertible, _ expected: String)
      -> TrainingError
    {
      .invalidOption(name: name, message: "is \(value); expected \(expected)")
    }
    guard (1...1000).contains(epochs) else { throw fail("n_epochs", epochs, "1 to 1000") }
    guard (1...4096).contains(batchSize) else { throw fail("batch_size", batchSize, "1 to 4096") }
    guard learningRate > 0, learningRate <= 1 else {
      throw fail("learning_rate", learningRate, "more than 0, at most 1")
    }
  }
}

/// How far a fine-tuning is, after a step.
package struct FineTuneProgress: Sendable, Hashable {
  /// From 1.
  package let step: Int
  package let totalSteps: Int
  /// From 1.
  package let epoch: Int
  /// Mean nats per learned token of the step's batch, before the step.
  package let trainingLoss: Double
  /// The same over the validation examples, after the last step of each epoch, if there are any.
  package let validationLoss: Double?
  /// Tokens of prompts and answers seen so far.
  package let trainedTokens: Int
}

/// A fine-tuned model, and how it came about.
package struct FineTuneResult: Sendable {
  package let checkpoint: Checkpoint
  /// Tokens of all examples times the epochs.
  package let trainedTokens: Int
  /// One a step.
  package let curve: [FineTuneProgress]
}
