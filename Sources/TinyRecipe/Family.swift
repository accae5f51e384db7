package import Primitives

/// A kind of task, with its generator and its prompts.
package enum Family: String, CaseIterable, Sendable {
  /// Word problems of one to four steps.
  case arithmetic
  /// Inferences about quantified sentences, one to four nouns deep.
  case monotonicity

  /// The seed of everything that is shipped.
  package static let shippedSeed: Int64 = 7

  /// An exercise of some depth, of any fold.
  package func exercise(depth: Int, _ random: inout SeededGenerator) -> Exercise {
    switch self {
    case .arithmetic: ArithmeticGenerator.exercise(steps: depth, &random)
    case .monotonicity: MonotonicityGenerator.exercise(depth: depth, &random)
    }
  }

  /// The exercises of a shipped data set, or its first ones.
  package func dataset(_ fold: Fold, rows: Int, seed: Int64) -> [Exercise] {
    var stream = ExerciseStream(self, fold: fold, seed: seed, label: "data-\(fold)")
    return stream.distinct(rows)
  }

  /// What the library's template of a style asks, word for word (`workflows/templates/`).
  package func prompt(_ exercise: Exercise, _ style: Style) -> String {
    let task =
      switch self {
      case .arithmetic: exercise.text("question")
      case .monotonicity:
        "Premise: \(exercise.text("premise"))\nHypothesis: \(exercise.text("hypothesis"))"
      }
    return "\(task)\n\n\(instruction(style))"
  }

  /// The bare calculation, asked for as the library asks for a straight answer.
  func drill(_ exercise: Exercise) -> String {
    "\(exercise.calculation)\n\n\(instruction(.vanilla))"
  }

  private func instruction(_ style: Style) -> String {
    switch self {
    case .arithmetic: Self.mathInstruction(style)
    case .monotonicity: Self.inferenceInstruction(style)
    }
  }

  private static func mathInstruction(_ style: Style) -> String {
    switch style {
    case .vanilla: "Give only the answer, as a number."
    case .cot: #"Think step by step. End with "The answer is" and the number."#
    }
  }

  private static func inferenceInstruction(_ style: Style) -> String {
    let question = """
      Taking the premise to be true, is the hypothesis true (entailment), false (contradiction), or
      can it not be told (neutral)?
      """
    return switch style {
    case .vanilla: "\(question) Give only the answer: entailment, contradiction or neutral."
    case .cot:
      """
      \(question)

      Think step by step: what does the premise say, what would have to hold for the hypothesis, and
      does it? Go by the premise alone, not by what is usually so. End with "The answer is" and one
      word: entailment, contradiction or neutral.
      """
    }
  }
}

/// The library's two ways of asking for an answer.
package enum Style: String, CaseIterable, Sendable {
  /// The answer alone.
  case vanilla
  /// Steps first, then the answer.
  case cot
}
