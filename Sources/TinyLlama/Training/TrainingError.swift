/// Why a model cannot be trained on some examples.
package indirect enum TrainingError: Error, Hashable, Sendable {
  case malformedLine(line: Int, message: String)
  case noExamples
  /// Examples count from 1, in the order of the file.
  case noCompletionTokens(example: Int)
  /// The model's chat template refuses the messages.
  case unusableMessages(example: Int, message: String)
  case exampleTooLong(example: Int, tokens: Int, context: Int)
  /// One of the above, of the examples that are only measured.
  case validation(TrainingError)
  case invalidOption(name: String, message: String)
  case lossNotFinite(step: Int)
  case cancelled
}

extension TrainingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformedLine(let line, let message): "line \(line): \(message)"
    case .noExamples: "there are no training examples; expected at least one line"
    case .noCompletionTokens(let example):
      "example \(example) has no assistant message, so nothing in it can be learned"
    case .unusableMessages(let example, let message): "example \(example): \(message)"
    case .exampleTooLong(let example, let tokens, let context):
      "example \(example) has \(tokens) tokens; the model's context is \(context)"
    case .validation(let error): "of the validation examples: \(error)"
    case .invalidOption(let name, let message): "'\(name)' \(message)"
    case .lossNotFinite(let step):
      "the loss of step \(step) is not a finite number; a lower learning rate may help"
    case .cancelled: "the training was cancelled"
    }
  }
}
