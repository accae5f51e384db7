import Foundation

extension Checkpoint {
  /// Trains on examples, all parameters, and gives the model that comes of it.
  ///
  /// Runs on threads of its own. The same checkpoint, examples and options give the same bytes on
  /// one kind of processor, whatever the number of threads.
  ///
  /// - Parameters:
  ///   - examples: At least one; each must fit the context and have something to learn.
  ///   - validation: Only measured.
  ///   - options: How to train.
  ///   - progress: Called on the training thread after each step, in order.
  /// - Returns: The new model with its loss curve.
  /// - Throws: `TrainingError`; `cancelled` within a step of the calling task's cancellation.
  package func fineTuned(
    on examples: [TrainingExample],
    validation: [TrainingExample] = [],
    options: FineTuneOptions,
    progress: @escaping @Sendable (FineTuneProgress) -> Void = { _ in }
  ) async throws(TrainingError) -> FineTuneResult {
    let training = try FineTuning(
      self,
      examples: examples,
      validation: validation,
      options: options
    )
    let flag = CancellationFlag()
    let result: Result<FineTuneResult, TrainingError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread {
          continuation.resume(
            returning: Result { () throws(TrainingError) in
              try training.run(progress: progress, isCancelled: { flag.isRaised })
            }
          )
        }
        thread.name = "fine-tuning"
        thread.start()
      }
    } onCancel: {
      flag.raise()
    }
    return try result.get()
  }
}
