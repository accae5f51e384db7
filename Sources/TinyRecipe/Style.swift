import TinyLlama

/// Ways of asking for an answer.
enum Style: String, CaseIterable {
  /// As the library's template `math/vanilla`, word for word.
  case vanilla
  /// As the library's template `math/cot`, word for word.
  case cot
  /// Straight too, but in words that only the student's first training knows.
  case exact

  private var instruction: String {
    switch self {
    case .vanilla: "Give only the answer, as a number."
    case .exact: "Work it out to the end and write the number."
    case .cot: #"Think step by step. End with "The answer is" and the number."#
    }
  }

  func prompt(_ question: String) -> ChatMessage {
    ChatMessage(.user, "\(question)\n\n\(instruction)")
  }

  func answer(_ problem: Problem) -> String {
    switch self {
    case .vanilla, .exact: String(problem.answer)
    case .cot: problem.workedAnswer
    }
  }

  /// A whole chat to learn from.
  func chat(_ problem: Problem, answer: String? = nil) -> [ChatMessage] {
    [prompt(problem.question), ChatMessage(.assistant, answer ?? self.answer(problem))]
  }
}
