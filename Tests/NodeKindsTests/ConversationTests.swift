import Execution
import Foundation
import ModelService
import NodeKinds
import Primitives
import Tasks
import Testing
import Workflow

/// Conversations that are rolled out turn by turn with the model's own answers.
@Suite struct ConversationTests {
  static let template = """
    task: chat
    messages: [{role: system, content: Be brief.}]
    turns: turns
    answer: {as: text}
    max_tokens: 20

    """

  static let rows: [JSON] = [
    ["id": "a", "turns": ["one", "two", "three"]], ["id": "b", "turns": ["four"]],
    ["id": "c", "turns": ["five", "six"]],
  ]

  /// Says back what the user said last, and behind how many messages.
  private static let echo: TalkingModel.Wit = { messages in
    TalkingModel.Reply(text: "\(messages.last?.dropFirst(5) ?? "")/\(messages.count)")
  }

  private func parts() throws -> Template {
    try Template(bytes: Array(Self.template.utf8), name: "own", file: "own.yaml")
  }

  private func inputs(
    _ model: TalkingModel,
    _ more: String = "",
    rows: [JSON] = Self.rows
  ) async throws -> Inputs {
    let template = try parts()
    return try model.inputs(
      "{kind: generate, model: teacher, template: own, data: rows\(more)}",
      [
        (
          "template",
          try await model.kitchen.artifact(
            .template,
            [(Part.prompt, template.prompt.json), (Part.reading, template.reading.json)]
          )
        ), ("data", try await model.kitchen.rows(.dataset, rows)),
      ]
    )
  }

  private func completions(_ made: Made) async throws -> [CompletionRow] {
    try await made.lines(Part.rows).map { try CompletionRow(line: $0.canonical) }
  }

  @Test func eachTurnIsAskedWithTheModelsOwnAnswers() async throws {
    let model = try await TalkingModel(Self.echo)
    let made = try await model.run(inputs(model))
    let rows = try await completions(made)
    #expect(
      rows.map { $0.turns.map(\.text) } == [
        ["one/2", "two/4", "three/6"], ["four/2"], ["five/2", "six/4"],
      ]
    )
    #expect(rows.map(\.text) == ["three/6", "four/2", "six/4"])
    #expect(rows.map(\.promptTokens) == [30, 10, 20])
    #expect(
      model.asked.contains([
        "system Be brief.", "user one", "assistant one/2", "user two", "assistant two/4",
        "user three",
      ])
    )
    #expect(model.asked.count == 6)
    #expect(made.outcome.facts["calls"] == 6)
    #expect(made.outcome.facts["made"] == 6)
    #expect(made.outcome.facts["reused"] == 0)
    #expect(made.outcome.facts["turns"] == 6)
    #expect(made.outcome.facts["ended_conversations"] == 0)
    #expect(made.outcome.notes == [])
  }

  @Test func aSecondRunAsksNothing() async throws {
    let model = try await TalkingModel(Self.echo)
    let first = try await model.run(inputs(model))
    let second = try await model.run(inputs(model))
    #expect(second.digests == first.digests)
    #expect(model.asked.count == 6)
    #expect(second.outcome.facts["made"] == 0)
    #expect(second.outcome.facts["reused"] == 6)
  }

  /// What would be asked behind a cut answer could only be asked as if the model had said so.
  @Test func anAnswerThatIsNotUsableEndsItsConversation() async throws {
    let model = try await TalkingModel { messages in
      messages.last == "user two"
        ? TalkingModel.Reply(text: "tw", finish: "length") : Self.echo(messages)
    }
    let made = try await model.run(inputs(model))
    let rows = try await completions(made)
    #expect(rows[0].turns.map(\.state) == [.answered, .truncated])
    #expect(rows[0].state == .truncated)
    #expect(rows[0].text == "tw")
    #expect(rows[2].turns.count == 2)
    #expect(model.asked.count == 5)
    #expect(made.outcome.facts["states"] == ["answered": 2, "truncated": 1])
    #expect(made.outcome.facts["ended_conversations"] == 1)
    #expect(made.outcome.facts["unasked_turns"] == 1)
    #expect(
      made.outcome.notes == [
        "1 of 3 answers are not usable: 1 truncated",
        "1 of 3 conversations ended at an answer that is not usable; 1 turns behind it were not asked",
      ]
    )
    // What ended it is known to the plan as well.
    let planned = try await model.planned(inputs(model))
    #expect(planned.total == 5)
    #expect(planned.toMake == 0)
  }

  @Test func aTurnMayBeDrawnAgain() async throws {
    let count = Collected<Int>()
    let model = try await TalkingModel { messages in
      guard messages.last == "user five" else { return Self.echo(messages) }
      count.add(1)
      return count.all.count == 1
        ? TalkingModel.Reply(text: "fi", finish: "length") : TalkingModel.Reply(text: "5")
    }
    let made = try await model.run(inputs(model, ", reroll: 1"))
    let rows = try await completions(made)
    #expect(rows[2].turns.map(\.text) == ["5", "six/4"])
    #expect(rows[2].turns.map(\.reroll) == [1, 0])
    #expect(rows[2].reroll == 1)
    #expect(model.asked.contains(["system Be brief.", "user five", "assistant 5", "user six"]))
    #expect(made.outcome.facts["made"] == 7)
    #expect(made.outcome.facts["rerolled"] == 1)
    #expect(try await model.planned(inputs(model, ", reroll: 1")).total == 7)
  }

  @Test func eachSampleIsAConversationOfItsOwn() async throws {
    let count = Collected<Int>()
    let model = try await TalkingModel(concurrency: 1) { messages in
      count.add(1)
      return TalkingModel.Reply(text: "\(messages.last?.dropFirst(5) ?? "") \(count.all.count)")
    }
    let made = try await model.run(
      inputs(
        model,
        ", samples: 2, decoding: {temperature: 1}",
        rows: [["id": "a", "turns": ["one", "two"]]]
      )
    )
    let rows = try await completions(made)
    let turns = rows.map { $0.turns.map(\.text) }
    #expect(Set(turns.map { $0[0] }) == ["one 1", "one 2"])
    #expect(Set(turns.map { $0[1] }) == ["two 3", "two 4"])
    // Which of the two is asked first is open; what it is asked goes on from its own answer.
    for turns in turns {
      let call = try #require(turns[1].split(separator: " ").last.flatMap { Int($0) })
      #expect(model.asked[call - 1][2] == "assistant \(turns[0])")
    }
  }

  @Test func aRunGoesOnWhereItWasCutOff() async throws {
    let broken = Collected<Bool>()
    let model = try await TalkingModel(concurrency: 1) { messages in
      messages.last == "user two" && broken.all.isEmpty
        ? TalkingModel.Reply(text: "no key", status: 401) : Self.echo(messages)
    }
    let failure = try await model.kitchen.failure { try await model.run(inputs(model)) }
    #expect(failure != nil)
    let paid = model.asked.count { $0.last != "user two" }
    #expect(paid >= 3)
    broken.add(true)
    // Another service, as another process would have: what stopped the first is forgotten.
    let made = try await TalkingModel.again(model).run(inputs(model))
    #expect(made.outcome.facts["reused"] == JSON(paid))
    #expect(made.outcome.facts["made"] == JSON(6 - paid))
    #expect(try await completions(made)[0].turns.map(\.text) == ["one/2", "two/4", "three/6"])
  }

  @Test func thePlanCountsEveryTurn() async throws {
    let model = try await TalkingModel(Self.echo)
    let before = try await model.planned(inputs(model))
    #expect(before.total == 6)
    #expect(before.paid == 0)
    #expect(before.completionTokens == 6...120)
    let cost = try #require(before.cost)
    _ = try await model.run(inputs(model))
    let after = try await model.planned(inputs(model))
    #expect(after.total == 6)
    #expect(after.paid == 6)
    #expect(after.toMake == 0)
    // Six calls of ten tokens in and three out, at 1 and 2 USD per million.
    #expect(after.paidCost == Money(usd: 0.000_096))
    #expect(cost.contains(Money(usd: 0.000_096)))
  }

  @Test func aTurnMoreIsACallMore() async throws {
    let model = try await TalkingModel(Self.echo)
    _ = try await model.run(inputs(model))
    var rows = Self.rows
    rows[1] = ["id": "b", "turns": ["four", "and then?"]]
    let planned = try await model.planned(inputs(model, rows: rows))
    #expect(planned.total == 7)
    #expect(planned.toMake == 1)
    let made = try await model.run(inputs(model, rows: rows))
    #expect(made.outcome.facts["made"] == 1)
    #expect(
      model.asked.last == ["system Be brief.", "user four", "assistant four/2", "user and then?"]
    )
  }

  @Test func withoutCallsTheMissingTurnsAreListed() async throws {
    let model = try await TalkingModel(Self.echo)
    let listed = Collected<JSON>()
    let failure = try await model.kitchen.failure {
      try await model.run(inputs(model), .nothing { listed.add($0) })
    }
    #expect(model.asked.isEmpty)
    #expect(listed.all.map { $0["further_turns"] } == [2, nil, 1])
    #expect(failure?.message.hasPrefix("3 of 3 calls have no recorded answer") == true)
  }

  @Test func askedAnewEveryTurnIsMadeAgain() async throws {
    let count = Collected<Int>()
    let model = try await TalkingModel { messages in
      count.add(1)
      return TalkingModel.Reply(text: count.all.count > 6 ? "new" : "old")
    }
    _ = try await model.run(inputs(model))
    let other = TalkingModel.again(model, runID: "run-2")
    let made = try await other.run(inputs(model), .anew)
    #expect(made.outcome.facts["made"] == 6)
    let rows = try await completions(made)
    #expect(rows.allSatisfy { $0.turns.allSatisfy { $0.text == "new" } })
    #expect(model.asked.last?.contains("assistant old") == false)
  }

  /// Many more rows than are looked up at once.
  @Test func manyConversationsKeepTheirOrder() async throws {
    let model = try await TalkingModel(concurrency: 64, Self.echo)
    let rows: [JSON] = (0..<600).map { index in
      let turns = (0...index % 3).map { JSON.string("\(index).\($0)") }
      return ["id": .string("\(index)"), "turns": .array(turns)]
    }
    let made = try await model.run(inputs(model, rows: rows))
    let completions = try await completions(made)
    #expect(completions.map(\.id) == (0..<600).map(String.init))
    for (index, row) in completions.enumerated() {
      #expect(row.turns.map(\.text) == (0...index % 3).map { "\(index).\($0)/\(2 + 2 * $0)" })
    }
    #expect(made.outcome.facts["made"] == 1200)
  }

  @Test func aPilotFollowsTheTurns() async throws {
    let model = try await TalkingModel(Self.echo)
    let inputs = try await inputs(model)
    let pilot = try #require(
      try await Generate.pilot(inputs, model.services(), rows: 1)
    )
    #expect(pilot.planned.total == 6)
    #expect(pilot.made == 3)
    #expect(pilot.asked == 3)
    #expect(pilot.tokensLeft == 39...39)
  }

  @Test func rowsOfOneAnswerKeepTheirBytes() throws {
    let row = CompletionRow("a", "7")
    #expect(
      row.json.canonicalText
        == #"{"completion_tokens":5,"id":"a","prompt_tokens":10,"sample":0,"state":"answered","text":"7"}"#
    )
    let talk = CompletionRow(
      id: "a",
      sample: 1,
      turns: [
        CompletionRow.Turn(text: "x", promptTokens: 1, completionTokens: 2),
        CompletionRow.Turn(state: .refused, text: "", reroll: 2),
      ]
    )
    #expect(
      talk.json.canonicalText
        == #"{"id":"a","reroll":2,"sample":1,"state":"refused","text":"","#
        + #""turns":[{"completion_tokens":2,"prompt_tokens":1,"state":"answered","text":"x"},"#
        + #"{"reroll":2,"state":"refused","text":""}]}"#
    )
    #expect(try CompletionRow(line: talk.json.canonical) == talk)
  }
}
