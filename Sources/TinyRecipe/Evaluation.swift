import Primitives
import TinyLlama

/// How many problems a model answers correctly, asked in one style, most probable token each time.
struct Evaluation {
  let engine: GenerationEngine
  let style: Style

  /// Tokens that the longest correct answer takes, with room to spare.
  private static let maxTokens = 64

  /// The answers, in the order of the problems.
  func answers(to problems: [Problem]) async throws -> [String] {
    try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for (index, problem) in problems.enumerated() {
        group.addTask {
          let request = GenerationRequest(
            messages: [style.prompt(problem.question)],
            temperature: 0,
            maxTokens: Self.maxTokens
          )
          return (index, try await engine.generate(request).text)
        }
      }
      var answers = [String](repeating: "", count: problems.count)
      for try await (index, answer) in group { answers[index] = answer }
      return answers
    }
  }

  /// The number that an answer gives; nil if it gives none.
  func number(in answer: String) -> Int? {
    switch style {
    case .vanilla, .exact: Int(answer)
    case .cot:
      answer.split(separator: "The answer is ").last.flatMap { tail in
        tail.hasSuffix(".") ? Int(tail.dropLast()) : nil
      }
    }
  }

  /// Correct answers by the number of steps (1 to 3), with how many there were of each.
  func accuracy(on problems: [Problem]) async throws -> Accuracy {
    var accuracy = Accuracy()
    for (problem, answer) in zip(problems, try await answers(to: problems)) {
      accuracy.count(problem, isCorrect: number(in: answer) == problem.answer)
    }
    return accuracy
  }
}

/// Correct answers among all, in total and by number of steps.
struct Accuracy: CustomStringConvertible {
  private var correct: [Int: Int] = [:]
  private var all: [Int: Int] = [:]

  mutating func count(_ problem: Problem, isCorrect: Bool) {
    all[problem.steps.count, default: 0] += 1
    if isCorrect { correct[problem.steps.count, default: 0] += 1 }
  }

  var description: String {
    let steps = all.keys.sorted().map { "\($0) steps \(correct[$0] ?? 0)/\(all[$0] ?? 0)" }
    let right = correct.values.reduce(0, +)
    let count = all.values.reduce(0, +)
    let percent = (Double(right) / Double(max(count, 1)) * 1000).rounded() / 10
    return "\(right)/\(count) = \(percent) % (\(steps.joined(separator: ", ")))"
  }
}
