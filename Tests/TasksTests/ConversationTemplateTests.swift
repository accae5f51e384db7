import Primitives
import Tasks
import Testing

/// Templates whose questions stand in the record, turn by turn.
@Suite struct ConversationTemplateTests {
  private static let text = """
    task: chat
    variables: [name, talk]
    messages:
      - {role: system, content: "Speak with {{name}}."}
    turns: talk
    answer: {as: text}
    max_tokens: 64

    """

  private func template(_ text: String = Self.text) throws -> Template {
    try Template(bytes: Array(text.utf8), name: "t", file: "t")
  }

  private func record(_ talk: JSON) -> Record {
    Record(id: "r", fields: JSONObject([("name", "Ada"), ("talk", talk)]))
  }

  private func contents(_ messages: [ChatMessage]) -> [String] {
    messages.map { "\($0.role.rawValue) \($0.content)" }
  }

  @Test func eachTurnIsAskedBehindTheAnswersToThoseBefore() throws {
    let prompt = try template().prompt
    let talk = record(["One?", " Two? ", "Three?"])
    #expect(try prompt.turns(of: talk) == ["One?", " Two? ", "Three?"])
    #expect(contents(try prompt.render(talk)) == ["system Speak with Ada.", "user One?"])
    #expect(
      contents(try prompt.render(talk, after: ["1", "2"])) == [
        "system Speak with Ada.", "user One?", "assistant 1", "user  Two? ", "assistant 2",
        "user Three?",
      ]
    )
    #expect(prompt.variables == ["name", "talk"])
  }

  @Test func aConversationIsAsLongAsItHasAnswers() throws {
    let prompt = try template().prompt
    let talk = record(["One?", "Two?"])
    #expect(
      contents(try prompt.conversation(talk, answers: ["1"])) == [
        "system Speak with Ada.", "user One?", "assistant 1",
      ]
    )
    #expect(try prompt.conversation(talk, answers: ["1", "2"]).count == 5)
    #expect(
      problems { _ = try prompt.conversation(talk, answers: ["1", "2", "3"]) }
        == ["record 'r' has 3 answers for 2 turns"]
    )
  }

  /// So that what puts conversations together need not know which kind of template it has.
  @Test func aTemplateOfOneQuestionTakesOneAnswer() throws {
    let prompt = try PromptTemplate(json: [
      "max_tokens": 8, "messages": [["role": "user", "content": "{{name}}?"]],
    ])
    let record = record([])
    #expect(try prompt.turns(of: record) == nil)
    #expect(
      contents(try prompt.conversation(record, answers: ["1"])) == ["user Ada?", "assistant 1"]
    )
    #expect(
      problems { _ = try prompt.conversation(record, answers: ["1", "2"]) }
        == ["record 'r' has 2 answers for 1 turn"]
    )
  }

  @Test func thePartOfTheStoreHasTheFieldOfTheTurns() throws {
    let prompt = try template().prompt
    #expect(
      prompt.json == [
        "max_tokens": 64, "messages": [["role": "system", "content": "Speak with {{name}}."]],
        "turns": "talk",
      ]
    )
    let talk = record(["One?", "Two?"])
    let read = try PromptTemplate(json: prompt.json)
    #expect(try read.render(talk, after: ["1"]) == prompt.render(talk, after: ["1"]))
  }

  @Test func theOpeningMayBeLeftOut() throws {
    let bare = Self.text.replacing("variables: [name, talk]\n", with: "")
      .replacing(/messages:\n.*\n/, with: "")
    #expect(contents(try template(bare).prompt.render(record(["One?"]))) == ["user One?"])
  }

  @Test(arguments: Self.misfits)
  func whatIsNoConversationIsAProblem(talk: JSON, problem: String) throws {
    let prompt = try template().prompt
    #expect(problems { _ = try prompt.render(record(talk)) } == [problem])
  }

  private static let misfits: [(JSON, String)] = [
    (.null, "'talk' of record 'r' must be a list of texts; found null"),
    ("One?", "'talk' of record 'r' must be a list of texts; found a text"),
    ([], "'talk' of record 'r' must be a list of texts; found an empty one"),
    (["One?", 2], "turn 2 in 'talk' of record 'r' must be a text; found a whole number"),
    (["\n "], "turn 1 in 'talk' of record 'r' must be a text; found nothing but white space"),
  ]

  @Test func aRecordWithoutTurnsIsAProblem() throws {
    let prompt = try template().prompt
    let other = Record(id: "r", fields: JSONObject([("name", "Ada")]))
    #expect(problems { _ = try prompt.render(other) } == ["record 'r' has no field 'talk'"])
  }

  @Test func theOpeningDoesNotEndWithTheUser() throws {
    let text = Self.text.replacing("role: system", with: "role: user")
    #expect(
      problems { _ = try template(text) }
        == [
          "4:5: the last message must not be the user's, since the first of the 'turns' follows it"
        ]
    )
  }

  @Test func examplesAreNotForConversations() throws {
    let prompt = try template().prompt
    let target = try TargetTemplate(json: ["content": "{{label}}"])
    #expect(
      problems { _ = try prompt.adding(examples: [], shots: 0, target: target) }
        == ["a template of conversations (with 'turns') takes no examples"]
    )
  }

  @Test func theVariablesAreThoseThatAreUsed() throws {
    let text = Self.text.replacing("[name, talk]", with: "[nmae, question]")
    #expect(
      problems { _ = try template(text) } == [
        "2:13: 'variables' lists 'nmae', which no message uses",
        "2:19: 'variables' lists 'question', which no message uses",
        "4:41: the field 'name' is used, and not among the 'variables'",
        "2:12: the field 'talk' is used, and not among the 'variables'",
      ]
    )
  }
}
