import Diagnostics
import Execution
import ModelService
import NodeKinds
import Primitives
import Tasks
import TestSupport
import Testing
import Workflow

/// Recorded answers of conversations, and what does not fit them.
@Suite struct ImportTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private static let rows: [JSON] = [
    ["id": "a", "turns": ["one?", "two?"]], ["id": "b", "turns": [" three? "]],
  ]

  /// The head of `Kitchen` has the template `math/cot`; what matters is what stands in its slot.
  private func run(
    _ answers: String,
    _ join: String = "id: id",
    template: String? = ConversationTests.template,
    rows: [JSON] = ImportTests.rows
  ) async throws -> Made {
    var slots = [("data", try await kitchen.rows(.dataset, rows))]
    if let template {
      let parts = try Template(bytes: Array(template.utf8), name: "t", file: "t")
      slots.append(
        ("template", try await kitchen.artifact(.template, [(Part.prompt, parts.prompt.json)]))
      )
    }
    return try await kitchen.run(
      "{kind: import-completions, format: jsonl, path: a.jsonl, data: rows, \(join), text: out"
        + (template == nil ? "}" : ", template: math/cot}"),
      slots,
      files: [("path", kitchen.file(answers, "a.jsonl"))]
    )
  }

  private func completions(_ made: Made) async throws -> [CompletionRow] {
    try await made.lines(Part.rows).map { try CompletionRow(line: $0.canonical) }
  }

  @Test func answersTurnByTurnAreAListOfTextsOrMessages() async throws {
    let made = try await run(
      """
      {"id": "b", "out": "3"}
      {"id": "a", "out": ["1", "2"]}
      {"id": "a", "out": [{"role": "user", "content": "one?"}, {"role": "assistant", "content": "I"}]}

      """
    )
    let rows = try await completions(made)
    #expect(rows.map(\.id) == ["a", "a", "b"])
    #expect(rows.map(\.sample) == [0, 1, 0])
    #expect(rows.map { $0.turns.map(\.text) } == [["1", "2"], ["I"], ["3"]])
    #expect(rows.allSatisfy { $0.state == .answered && $0.completionTokens == nil })
    #expect(made.outcome.facts["short_conversations"] == 1)
    #expect(
      made.outcome.notes == ["1 of 3 conversations have fewer recorded answers than turns"]
    )
  }

  @Test func conversationsAreJoinedByTheirFirstTurn() async throws {
    let made = try await run(
      "{\"q\": \"three?\", \"out\": \"3\"}\n",
      "prompt: q, matches: 'turns[0]'",
      template: nil
    )
    #expect(try await completions(made).map { $0.turns.map(\.text) } == [["3"]])
    #expect(made.outcome.notes == ["1 of 2 rows have no recorded answer"])
  }

  @Test(arguments: [
    (
      "{\"id\": \"b\", \"out\": [\"1\", \"2\"]}\n",
      "row 1 of 'a.jsonl' has 2 answers, and record 'b' has 1 turn"
    )
  ])
  func whatDoesNotFitTheTurnsFails(answers: String, message: String) async throws {
    let failure = try await kitchen.failure { try await run(answers) }
    #expect(failure?.message == message)
  }

  @Test func aListUnderATemplateOfOneQuestionFails() async throws {
    let failure = try await kitchen.failure {
      try await run(
        "{\"id\": \"a\", \"out\": [\"1\", \"2\"]}\n",
        template: Recipe.vanillaText,
        rows: [["id": "a", "question": "one?"]]
      )
    }
    #expect(
      failure?.message
        == "the answer in row 1 of 'a.jsonl' is a list of 2, and its template asks one question"
    )
  }

  @Test func aRecordWithoutWhatAnswersAreFoundByFails() async throws {
    let failure = try await kitchen.failure {
      try await run("{\"q\": \"one?\", \"out\": \"1\"}\n", "prompt: q", template: nil)
    }
    #expect(
      failure?.message
        == "record 'a' has no text at 'question', by which its answers would be found"
    )
  }

  @Test func aPathThatIsNoneIsFoundByTheChecker() {
    let problems = Kitchen.problems(
      "{kind: import-completions, format: jsonl, path: a.jsonl, data: rows, prompt: q, "
        + "matches: 'turns['}"
    )
    #expect(problems.count == 1)
    #expect(problems[0].hasPrefix("the path 'turns[' has a '[' without ']'"))
  }

  /// Of each answer only its place is held, and many are flushed between looks.
  @Test func manyAnswersInAnotherOrderFindTheirRows() async throws {
    let text = String(repeating: "x", count: 1000)
    let rows: [JSON] = (0..<3000).map { ["id": .string("\($0)"), "question": "q"] }
    let answers = (0..<3000).reversed().map { "{\"id\": \"\($0)\", \"out\": \"\($0) \(text)\"}\n" }
    let made = try await run(answers.joined(), template: nil, rows: rows)
    let completions = try await completions(made)
    #expect(completions.map(\.text) == (0..<3000).map { "\($0) \(text)" })
    #expect(made.outcome.facts["unmatched"] == 0)
  }
}
