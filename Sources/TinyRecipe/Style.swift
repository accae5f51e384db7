import TinyLlama

/// The two ways of asking that the template library has for this task, word for word.
enum Style: String, CaseIterable {
  case vanilla, cot

  private var instruction: String {
    switch self {
    case .vanilla: "Give only the answer, as a number."
    case .cot: #"Think step by step. End with "The answer is" and the number."#
    }
  }

  func prompt(_ question: String) -> ChatMessage {
    ChatMessage(.user, "\(question)\n\n\(instruction)")
  }

  func answer(_ problem: Problem) -> String {
    switch self {
    case .vanilla: String(problem.answer)
    case .cot: problem.workedAnswer
    }
  }

  /// A whole chat to learn from.
  func chat(_ problem: Problem) -> [ChatMessage] {
    [prompt(problem.question), ChatMessage(.assistant, answer(problem))]
  }
}
