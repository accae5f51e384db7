import Execution
import ModelService
import NodeKinds
import Primitives
import Testing
import Workflow

/// Answers that are not usable: drawn again where the workflow says so, read where it says so,
/// counted always (promise P7).
@Suite struct BadAnswerTests {
  private let teacher: RecordedTeacher

  init() async throws {
    teacher = try await RecordedTeacher()
  }

  private static let decoding = RecordedTeacher.decoding(0)

  private func generate(_ more: String) async throws -> Made {
    try await teacher.run(
      "{kind: generate, model: teacher, template: math/vanilla, data: rows\(more)}"
    )
  }

  @Test func theFirstUsableDrawCounts() async throws {
    try await teacher.record("3 + 4?", Self.decoding, Answer(.truncated, text: "7 beca"))
    try await teacher.record(
      "3 + 4?",
      Self.decoding,
      draw: Draw(seed: 0, reroll: 1),
      Answer(.empty)
    )
    try await teacher.record(
      "3 + 4?",
      Self.decoding,
      draw: Draw(seed: 0, reroll: 2),
      Answer(.answered, text: "7")
    )
    try await teacher.record("5 + 4?", Self.decoding, Answer(.answered, text: "9"))
    let made = try await generate(", reroll: 3")
    let rows = try await made.lines(Part.rows).map { try CompletionRow(line: $0.canonical) }
    #expect(rows.map(\.text) == ["7", "9"])
    #expect(rows.map(\.reroll) == [2, 0])
    #expect(made.outcome.facts["calls"] == 4)
    #expect(made.outcome.facts["reused"] == 4)
    #expect(made.outcome.facts["made"] == 0)
    #expect(made.outcome.facts["rerolled"] == 1)
    #expect(made.outcome.facts["states"] == ["answered": 2])
    #expect(made.outcome.notes == ["1 of 2 answers were drawn more than once"])
  }

  @Test func theLastDrawStandsWhereNoneIsUsable() async throws {
    for reroll in 0...1 {
      try await teacher.record(
        "3 + 4?",
        Self.decoding,
        draw: Draw(seed: 0, reroll: reroll),
        Answer(.filtered, text: "no \(reroll)")
      )
    }
    try await teacher.record("5 + 4?", Self.decoding, Answer(.answered, text: "9"))
    let made = try await generate(", reroll: 1")
    let rows = try await made.lines(Part.rows)
    #expect(rows.map { $0["text"] } == ["no 1", "9"])
    #expect(rows.map { $0["reroll"] } == [1, nil])
    #expect(made.outcome.facts["states"] == ["answered": 1, "filtered": 1])
  }

  /// What the service cannot take, and what a person gave up, is not asked again.
  @Test(arguments: [Answer.State.rejected, .skipped])
  func someStatesAreNotDrawnAgain(state: Answer.State) async throws {
    try await teacher.record("3 + 4?", Self.decoding, Answer(state))
    try await teacher.record("5 + 4?", Self.decoding, Answer(.answered, text: "9"))
    let made = try await generate(", reroll: 5")
    #expect(made.outcome.facts["calls"] == 2)
    #expect(try await made.lines(Part.rows).map { $0["state"] }.first == .string(state.rawValue))
  }

  @Test func acceptedStatesAreReadAndNoOthers() async throws {
    let completions = try await teacher.kitchen.completions([
      CompletionRow("a", "The answer is 7, since", .truncated),
      CompletionRow("b", "9", .unknownFinish), CompletionRow("c", "8"),
    ])
    let reading = try await teacher.kitchen.artifact(
      .template,
      [(Part.reading, Recipe.vanilla.reading)]
    )
    func states(_ accept: String) async throws -> [JSON?] {
      try await teacher.kitchen.run(
        "{kind: parse, completions: answers\(accept)}",
        [("completions", completions), ("reading", reading)]
      ).lines(Part.rows).map { $0["state"] }
    }
    #expect(try await states("") == ["truncated", "unknown-finish", "valid"])
    #expect(try await states(", accept: [truncated]") == ["valid", "unknown-finish", "valid"])
    #expect(
      try await states(", accept: [truncated, unknown-finish]") == ["valid", "valid", "valid"]
    )
  }

  @Test func onlyStatesWithATextCanBeAccepted() {
    let problems = Kitchen.problems("{kind: parse, completions: answers, accept: [rejected]}")
    #expect(problems.count == 1)
    #expect(problems.first?.contains("rejected") == true)
    #expect(problems.first?.contains("truncated") == true)
  }
}
