package import TinyLlama

/// How many exercises a model answers correctly, asked in one style, most probable token each time.
package struct Evaluation {
  private let engine: GenerationEngine
  private let style: Style

  package init(engine: GenerationEngine, style: Style) {
    self.engine = engine
    self.style = style
  }

  /// The answers, in the order of the exercises.
  package func answers(to exercises: [Exercise], of family: Family) async throws -> [String] {
    let limit = style == .vanilla ? 8 : 160
    return try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for (index, exercise) in exercises.enumerated() {
        group.addTask {
          let request = GenerationRequest(
            messages: [ChatMessage(.user, family.prompt(exercise, style))],
            temperature: 0,
            maxTokens: limit
          )
          return (index, try await engine.generate(request).text)
        }
      }
      var answers = [String](repeating: "", count: exercises.count)
      for try await (index, answer) in group { answers[index] = answer }
      return answers
    }
  }

  /// The label that an answer gives; nil if it gives none.
  package func label(in answer: String) -> String? {
    switch style {
    case .vanilla: answer
    case .cot:
      answer.split(separator: "The answer is ").last.flatMap { tail in
        tail.hasSuffix(".") ? String(tail.dropLast()) : nil
      }
    }
  }

  package func accuracy(on exercises: [Exercise], of family: Family) async throws -> Accuracy {
    var accuracy = Accuracy()
    for (exercise, answer) in zip(exercises, try await answers(to: exercises, of: family)) {
      accuracy.count(exercise, isCorrect: label(in: answer) == exercise.label)
    }
    return accuracy
  }
}

/// Correct answers among all, in total and by depth.
package struct Accuracy: Sendable, CustomStringConvertible {
  private var correct: [Int: Int] = [:]
  private var all: [Int: Int] = [:]

  mutating func count(_ exercise: Exercise, isCorrect: Bool) {
    all[exercise.depth, default: 0] += 1
    if isCorrect { correct[exercise.depth, default: 0] += 1 }
  }

  /// Of all, from 0 to 100.
  package var percent: Double {
    let count = all.values.reduce(0, +)
    return Double(correct.values.reduce(0, +)) / Double(max(count, 1)) * 100
  }

  package var description: String {
    let steps = all.keys.sorted().map { "\($0): \(correct[$0] ?? 0)/\(all[$0] ?? 0)" }
    return "\((percent * 10).rounded() / 10) % (\(steps.joined(separator: ", ")))"
  }
}
