import Foundation
import Primitives
import TestSupport
import Testing
import TinyLlama

/// The checkpoints and data sets that the project ships.
struct ShippedTests {
  private static let splits = ["train", "validation", "test"]

  private func rows(_ split: String) throws -> [JSON] {
    let path = "\(ProjectFolder.path)/workflows/data/arithmetic-\(split).jsonl"
    return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
      .map { try JSON(parsing: $0) }
  }

  private func text(_ row: JSON, _ field: String) throws -> String {
    try #require(row[field]?.string)
  }

  private func checkpoint(_ name: String) throws -> Checkpoint {
    try Checkpoint(folder: "\(ProjectFolder.path)/workflows/models/\(name)")
  }

  @Test(arguments: splits) func workedStepsAreTrueAndLeadToTheLabel(split: String) throws {
    for row in try rows(split) {
      let answer = try text(row, "answer")
      let sentences = answer.split(separator: ". ")
      var last: Int?
      for step in sentences.dropLast() {
        let parts = step.split(separator: " ")
        try #require(parts.count == 5, "\(step)")
        let (left, right) = (try #require(Int(parts[0])), try #require(Int(parts[2])))
        let value = try #require(Int(parts[4]))
        switch parts[1] {
        case "+": #expect(left + right == value, "\(step)")
        case "-": #expect(left - right == value, "\(step)")
        case "*": #expect(left * right == value, "\(step)")
        case "/": #expect(right * value == left, "\(step)")
        default: Issue.record("unknown sign in '\(step)'")
        }
        #expect((0...99).contains(value))
        #expect(last == nil || last == left, "each step starts from the one before: \(answer)")
        last = value
      }
      #expect((1...3).contains(sentences.count - 1))
      let label = try text(row, "label")
      #expect(sentences.last == "The answer is \(label).")
      #expect(last == Int(label))
    }
  }

  @Test func noQuestionStandsInTwoPlaces() throws {
    let questions = try Self.splits.flatMap { try rows($0).map { try text($0, "question") } }
    #expect(questions.count == 900)
    #expect(Set(questions).count == questions.count)
  }

  @Test(arguments: [("tiny-teacher", 8 << 20), ("tiny-student", 2 << 20)])
  func checkpointsLoadAndAreSmall(name: String, limit: Int) throws {
    let checkpoint = try checkpoint(name)
    #expect(checkpoint.files().reduce(0) { $0 + $1.bytes.count } <= limit)
    for (file, bytes) in checkpoint.files() {
      let path = "\(ProjectFolder.path)/workflows/models/\(name)/\(file)"
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).elementsEqual(bytes), "\(file)")
    }
  }

  /// Right answers to the first rows of the test split, by the two ways of asking.
  private func correct(_ checkpoint: Checkpoint, _ instruction: String, rows count: Int)
    async throws -> Int
  {
    let engine = GenerationEngine(checkpoint: checkpoint)
    let rows = try self.rows("test").prefix(count)
    return try await withThrowingTaskGroup(of: Bool.self) { group in
      for row in rows {
        let question = try text(row, "question")
        let label = try text(row, "label")
        group.addTask {
          let request = GenerationRequest(
            messages: [ChatMessage(.user, "\(question)\n\n\(instruction)")],
            temperature: 0,
            maxTokens: 80
          )
          let answer = try await engine.generate(request).text
          return answer == label || answer.hasSuffix("The answer is \(label).")
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
  }

  private static let straight = "Give only the answer, as a number."
  private static let steps = #"Think step by step. End with "The answer is" and the number."#

  @Test func theTeacherAnswersBetterInSteps() async throws {
    let teacher = try checkpoint("tiny-teacher")
    let straight = try await correct(teacher, Self.straight, rows: 100)
    let steps = try await correct(teacher, Self.steps, rows: 100)
    #expect(steps >= 75)
    #expect(steps >= straight + 15)
  }

  @Test func fineTuningHelpsTheStudent() async throws {
    let student = try checkpoint("tiny-student")
    let examples = try rows("train").prefix(300).map { row in
      TrainingExample(messages: [
        ChatMessage(.user, "\(try text(row, "question"))\n\n\(Self.straight)"),
        ChatMessage(.assistant, try text(row, "label")),
      ])
    }
    let tuned = try await student.fineTuned(
      on: examples,
      options: FineTuneOptions(epochs: 5, learningRate: 5e-4)
    )
    let before = try await correct(student, Self.straight, rows: 200)
    let after = try await correct(tuned.checkpoint, Self.straight, rows: 200)
    #expect(after >= before + 20, "\(before) of 200 before, \(after) after")
  }
}
