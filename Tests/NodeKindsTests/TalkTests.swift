import Execution
import ModelService
import NodeKinds
import Primitives
import Tasks
import Testing
import Workflow

/// Labels and training rows of conversations: every turn of the model's own.
@Suite struct TalkTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private static func turn(
    _ text: String,
    _ state: Answer.State = .answered
  ) -> CompletionRow.Turn {
    CompletionRow.Turn(state: state, text: text, promptTokens: 4, completionTokens: 2)
  }

  private static let talks = [
    CompletionRow(id: "a", sample: 0, turns: [turn(" Hello. "), turn("Well.")]),
    CompletionRow(id: "b", sample: 0, turns: [turn("Hello."), turn("We", .truncated)]),
    CompletionRow(id: "c", sample: 0, turns: [turn("Hello."), turn("  ")]),
  ]

  private func parse(_ settings: String = "") async throws -> [LabelRow] {
    let made = try await kitchen.run(
      "{kind: parse, completions: answers, as: text\(settings)}",
      [("completions", kitchen.completions(Self.talks))]
    )
    return try await made.lines(Part.rows).map { try LabelRow(line: $0.canonical) }
  }

  @Test func everyTurnIsReadAndAHoleMakesItInvalid() async throws {
    let labels = try await parse()
    #expect(labels.map(\.turns) == [["Hello.", "Well."], [], []])
    #expect(labels.map(\.label) == ["Well.", nil, nil])
    #expect(labels.map(\.state) == [.valid, .truncated, .unreadable])
  }

  @Test func whatTheModelEndedByItselfIsKeptIfAskedFor() async throws {
    let labels = try await parse(", invalid: keep")
    #expect(labels[1].turns == ["Hello."])
    #expect(labels[1].label == "Hello.")
    #expect(labels[1].state == .truncated)
  }

  private static let chat = """
    task: chat
    messages: [{role: system, content: Be brief.}]
    turns: turns
    answer: {as: text}
    max_tokens: 20

    """

  private func train(_ labels: [LabelRow], template text: String) async throws -> Made {
    let template = try Template(bytes: Array(text.utf8), name: "own", file: "own.yaml")
    return try await kitchen.run(
      "{kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}",
      [
        (
          "data",
          try await kitchen.rows(
            .dataset,
            [["id": "a", "question": "q", "turns": ["Hi", "So?", "And?"]]]
          )
        ), ("labels", try await kitchen.labels(labels)),
        (
          "template",
          try await kitchen.artifact(
            .template,
            [(Part.prompt, template.prompt.json), (Part.target, template.target.json)]
          )
        ),
      ]
    )
  }

  private static func label(_ turns: [String]) -> LabelRow {
    LabelRow(
      id: "a",
      state: .valid,
      label: turns.last,
      turns: turns,
      strict: nil,
      flexible: nil,
      votes: 1,
      readable: 1
    )
  }

  @Test func aTrainingRowHasAsManyTurnsAsThereAreAnswers() async throws {
    let made = try await train([Self.label(["Hello.", "Well."])], template: Self.chat)
    let messages = try await made.lines(Part.rows).first?["messages"]?.array ?? []
    #expect(
      messages.map { "\($0["role"]?.string ?? ""): \($0["content"]?.string ?? "")" } == [
        "system: Be brief.", "user: Hi", "assistant: Hello.", "user: So?", "assistant: Well.",
      ]
    )
  }

  @Test func oneAnswerIsAConversationOfOneTurn() async throws {
    let made = try await train([LabelRow("a", "Hello.")], template: Self.chat)
    #expect(try await made.lines(Part.rows).first?["messages"]?.array?.count == 3)
  }

  @Test func aConversationFitsNoTemplateOfOneQuestion() async throws {
    let failure = try await kitchen.failure {
      try await train([Self.label(["Hello.", "Well."])], template: Recipe.vanillaText)
    }
    #expect(
      failure?.message
        == "the label of row 'a' is a conversation, and the template asks one question"
    )
  }
}
