import Diagnostics
import Execution
import ModelService
import NodeKinds
import Primitives
import Store
import Tasks
import Testing
import Workflow

/// Ratings by a model: what it is shown, what counts as a rating, and what it comes to.
@Suite struct JudgeTests {
  private static let rows: [JSON] = [
    ["id": "a", "turns": ["one", "two"]], ["id": "b", "turns": ["three"]],
    ["id": "c", "turns": ["four", "five"]],
  ]

  /// Answers to all turns but the last of `c`, which was cut off.
  private static let completions: [CompletionRow] = [
    CompletionRow(id: "a", sample: 0, turns: [.init(text: "A1"), .init(text: "A2")]),
    CompletionRow(id: "b", sample: 0, turns: [.init(text: "B1")]),
    CompletionRow(
      id: "c",
      sample: 0,
      turns: [.init(text: "C1"), .init(state: .truncated, text: "C")]
    ),
  ]

  private static let alone = "{{request}}>{{response}}"
  private static let withHistory =
    "{{#history}}[{{request}}>{{response}}]{{/history}}{{request}}>{{response}}"

  private static func template(_ content: String, _ answer: String = "{as: number}") -> String {
    """
    task: judge
    messages: [{role: user, content: "\(content)"}]
    answer: \(answer)
    max_tokens: 20

    """
  }

  private func artifact(_ model: TalkingModel, _ text: String) async throws -> Artifact {
    let template = try Template(bytes: Array(text.utf8), name: "own", file: "own.yaml")
    return try await model.kitchen.artifact(
      .template,
      [(Part.prompt, template.prompt.json), (Part.reading, template.reading.json)]
    )
  }

  /// A judge of the conversations above.
  private func inputs(
    _ model: TalkingModel,
    _ templates: [String] = [JudgeTests.template(JudgeTests.withHistory)],
    more: String = "",
    completions: [CompletionRow]? = JudgeTests.completions,
    rows: [JSON] = JudgeTests.rows
  ) async throws -> Inputs {
    var slots: [(slot: String, artifact: Artifact)] = []
    if let completions {
      slots.append(("of", try await model.kitchen.completions(completions)))
    }
    slots.append(("of.data", try await model.kitchen.rows(.dataset, rows)))
    slots.append(("of.prompt", try await artifact(model, ConversationTests.template)))
    for (index, template) in templates.enumerated() {
      slots.append(("template[\(index)]", try await artifact(model, template)))
    }
    let names = templates.map { _ in "own" }.joined(separator: ", ")
    return try model.inputs(
      "{kind: judge, of: answers, model: teacher, template: [\(names)], range: [1, 5]\(more)}",
      slots
    )
  }

  private static func says(_ ratings: [String: String]) -> TalkingModel.Wit {
    { messages in
      TalkingModel.Reply(text: ratings[String(messages[0].dropFirst(5))] ?? "Rating: 3")
    }
  }

  @Test func everyTurnIsRatedWithWhatWasSaidBefore() async throws {
    let model = try await TalkingModel(
      Self.says([
        "one>A1": "Rating: 5", "[one>A1]two>A2": "Rating: 2", "three>B1": "Rating: 4",
        "four>C1": "Rating: 1",
      ])
    )
    let made = try await model.run(inputs(model))
    #expect(Set(model.asked.flatMap(\.self)).count == 4)
    let rows = try await made.lines(Part.rows)
    #expect(rows.map { $0["id"] } == ["a", "b", "c"])
    #expect(rows.map { $0["ratings"] } == [[5.0, 2.0], [4.0], [1.0, nil]])
    #expect(
      rows[2]["turns"] == [
        [
          "turn": 1, "state": "rated", "rating": 1.0,
          "judgements": [
            [
              "template": "template[0]", "state": "answered", "text": "Rating: 1",
              "rating": 1.0,
            ]
          ],
        ], ["turn": 2, "state": "truncated", "rating": nil, "judgements": []],
      ]
    )
    let summary = try await made.json(Part.summary)
    let metric = summary["metrics"]?["judge"]
    #expect(metric?["figures"]?["mean"]?["value"] == 3.0)
    #expect(metric?["figures"]?["median"]?["value"] == 3.0)
    #expect(metric?["n"] == 5)
    #expect(metric?["invalid"] == 1)
    #expect(summary["rows"] == 3)
    #expect(summary["turns"] == 5)
    #expect(summary["invalid"] == 1)
    #expect(summary["states"] == ["rated": 4, "truncated": 1])
    #expect(made.outcome.facts["judge.mean"] == 3.0)
    #expect(made.outcome.facts["made"] == 4)
    #expect(
      made.outcome.notes == [
        "1 of 5 turns have no rating: 1 truncated; the first is row 'c', turn 2 (truncated)"
      ]
    )
  }

  @Test func acceptedAnswersAreRatedToo() async throws {
    let model = try await TalkingModel(Self.says([:]))
    let made = try await model.run(inputs(model, more: ", accept: [truncated]"))
    #expect(try await made.lines(Part.rows)[2]["ratings"] == [3.0, 3.0])
    #expect(model.asked.contains(["user [four>C1]five>C"]))
  }

  @Test func severalTemplatesAreAveraged() async throws {
    let model = try await TalkingModel(
      Self.says(["[one>A1]two>A2": "Rating: 1", "two>A2": "Rating: 4"])
    )
    let made = try await model.run(
      inputs(model, [Self.template(Self.withHistory), Self.template(Self.alone)])
    )
    let rows = try await made.lines(Part.rows)
    #expect(rows.map { $0["ratings"] } == [[3.0, 2.5], [3.0], [3.0, nil]])
    #expect(rows[0]["turns"]?.array?[1]["judgements"]?.array?.count == 2)
    // The first turns have no history, so both templates ask the same there: one call.
    #expect(model.asked.count == 5)
    #expect(try await model.planned(inputs(model)).toMake == 0)
  }

  /// Never silent, never in a figure: the rule is the same for all of them.
  @Test(arguments: [
    "", "I cannot rate this.", "Rating: 6", "Rating: 0", "Rating: -3", "Rating: 8/10",
    "Perhaps 3, perhaps 4, or even 5.",
  ])
  func whatIsNoRatingIsCounted(text: String) async throws {
    let model = try await TalkingModel(Self.says(["three>B1": text]))
    let made = try await model.run(inputs(model))
    let row = try await made.lines(Part.rows)[1]
    #expect(row["ratings"] == [nil])
    let turn = row["turns"]?.array?[0]
    #expect(turn?["state"] == "unrated")
    // The judge's own words are kept.
    #expect(turn?["judgements"]?.array?[0]["text"] == .string(text))
    #expect(
      made.outcome.notes.last
        == "2 of 5 turns have no rating: 1 truncated, 1 unrated; the first is row 'b' (unrated)"
    )
    #expect(try await made.json(Part.summary)["metrics"]?["judge"]?["invalid"] == 2)
  }

  @Test(arguments: [
    ("Rating: 4", 4.0), ("4", 4), ("I'd say 4 out of 5.", 4), ("**Rating:** 4/5", 4),
    ("It is fine.\n\nRating: 3.5", 3.5), ("On a scale of 1 to 5:\nRating: 2", 2),
  ])
  func ratingsAreReadHoweverTheyAreWritten(text: String, rating: Double) async throws {
    let model = try await TalkingModel(Self.says(["three>B1": text]))
    let made = try await model.run(inputs(model))
    #expect(try await made.lines(Part.rows)[1]["ratings"] == [.number(rating)])
  }

  @Test func aRatingThatWasCutOffIsNone() async throws {
    let model = try await TalkingModel { messages in
      messages[0].hasSuffix(">B1")
        ? TalkingModel.Reply(text: "Rating: 4 would be", finish: "length")
        : TalkingModel.Reply(text: "4")
    }
    let made = try await model.run(inputs(model))
    #expect(try await made.lines(Part.rows)[1]["ratings"] == [nil])
  }

  /// A turn that one template leaves out would be measured by the other's scale alone.
  @Test func aTurnNeedsTheRatingOfEveryTemplate() async throws {
    let model = try await TalkingModel(Self.says(["[one>A1]two>A2": "no"]))
    let made = try await model.run(
      inputs(model, [Self.template(Self.withHistory), Self.template(Self.alone)])
    )
    #expect(try await made.lines(Part.rows)[0]["ratings"] == [3.0, nil])
  }

  @Test func samplesOfATemplateAreAveragedOverThoseThatRate() async throws {
    let count = Collected<Int>()
    let model = try await TalkingModel(concurrency: 1) { _ in
      count.add(1)
      return TalkingModel.Reply(
        text: ["Rating: 2", "none", "Rating: 5"][(count.all.count - 1) % 3]
      )
    }
    let made = try await model.run(
      inputs(model, more: ", samples: 3, decoding: {temperature: 1}")
    )
    #expect(try await made.lines(Part.rows).map { $0["ratings"] }[1] == [3.5])
    #expect(made.outcome.facts["made"] == 12)
  }

  @Test func tooManyTurnsWithoutARatingFail() async throws {
    let model = try await TalkingModel(Self.says([:]))
    func failure(_ limit: String) async throws -> NodeFailure? {
      try await model.kitchen.failure {
        try await model.run(inputs(model, more: ", fail_above: \(limit)"))
      }
    }
    #expect(try await failure("20%") == nil)
    let failed = try await failure("19%")
    #expect(failed?.reason == .badRows)
    #expect(failed?.message.hasSuffix("the limit is 19 %") == true)
    #expect(failed?.facts["reused"] == 4)
  }

  @Test func turnsThatNobodyAnsweredCount() async throws {
    let model = try await TalkingModel(Self.says([:]))
    let some = [Self.completions[1], CompletionRow(id: "c", sample: 0, turns: [.init(text: "C1")])]
    let made = try await model.run(inputs(model, completions: some))
    let summary = try await made.json(Part.summary)
    #expect(summary["states"] == ["rated": 2, "unanswered": 3])
    #expect(summary["metrics"]?["judge"]?["n"] == 5)
    #expect(
      try await made.lines(Part.rows).map { $0["ratings"] } == [[nil, nil], [3.0], [3.0, nil]]
    )
  }

  @Test func theRowsOfADatasetAreRatedThemselves() async throws {
    let model = try await TalkingModel(Self.says(["2 + 2?": "Rating: 1", "3!?": "Rating: 4"]))
    let data = try await model.kitchen.rows(
      .dataset,
      [["id": "x", "question": "2 + 2?", "label": "4"], ["id": "y", "question": "3!?"]]
    )
    let inputs = try model.inputs(
      "{kind: judge, of: rows, model: teacher, template: own, range: [1, 5]}",
      [("of", data), ("template", try await artifact(model, Self.template("{{question}}")))]
    )
    let planned = try await model.planned(inputs)
    #expect(planned.total == 2)
    let made = try await model.run(inputs)
    #expect(try await made.lines(Part.rows).map { $0["ratings"] } == [[1.0], [4.0]])
    let summary = try await made.json(Part.summary)
    #expect(summary["data"] == .string(data.require(Part.rows).digest.hex))
    #expect(summary["prompt"] == .null)
    #expect(summary["metrics"]?["judge"]?["figures"]?["mean"]?["value"] == 2.5)
  }

  /// Whole conversations are drawn: two of them, each of one mind, leave more doubt than eight turns.
  @Test func intervalsAreByConversation() async throws {
    let model = try await TalkingModel { messages in
      TalkingModel.Reply(text: messages[0].contains("good") ? "Rating: 5" : "Rating: 1")
    }
    let rows: [JSON] = ["good", "bad"].map { word in
      ["id": .string(word), "turns": .array((1...4).map { .string("\(word) \($0)") })]
    }
    let completions = ["good", "bad"].map { word in
      CompletionRow(id: word, sample: 0, turns: (1...4).map { .init(text: "\($0)") })
    }
    let made = try await model.run(inputs(model, completions: completions, rows: rows))
    let mean = try await made.json(Part.summary)["metrics"]?["judge"]?["figures"]?["mean"]
    #expect(mean?["value"] == 3.0)
    #expect(mean?["low"] == 1.0)
    #expect(mean?["high"] == 5.0)
  }

  @Test func aSecondRunAsksNothing() async throws {
    let model = try await TalkingModel(Self.says([:]))
    let first = try await model.run(inputs(model))
    let second = try await model.run(inputs(model))
    #expect(second.digests == first.digests)
    #expect(second.outcome.facts["made"] == 0)
    #expect(model.asked.count == 4)
  }

  // MARK: What is wrong is said before anything is paid

  private func preflight(_ inputs: Inputs, _ model: TalkingModel) async throws -> [String] {
    do {
      try await Judge.preflight(inputs, model.services())
      return []
    } catch let problems as Problems {
      return problems.all.map(\.message)
    }
  }

  @Test func aFieldThatATemplateLacksIsFoundBeforeTheAnswersAreThere() async throws {
    let model = try await TalkingModel(Self.says([:]))
    let good = try await inputs(model, completions: nil)
    #expect(try await preflight(good, model) == [])
    let bad = try await inputs(
      model,
      [Self.template("{{request}} {{document}}"), Self.template(Self.alone)],
      completions: nil
    )
    #expect(
      try await preflight(bad, model)
        == ["template 'template[0]': record 'a' has no field 'document'"]
    )
    #expect(model.asked.isEmpty)
  }

  @Test func aDatasetHasNoAnswers() async throws {
    let model = try await TalkingModel(Self.says([:]))
    let inputs = try model.inputs(
      "{kind: judge, of: rows, model: teacher, template: own, range: [1, 5]}",
      [
        ("of", try await model.kitchen.rows(.dataset, Self.rows)),
        ("template", try await artifact(model, Self.template(Self.alone))),
      ]
    )
    #expect(
      try await preflight(inputs, model)
        == ["template 'template': record 'a' has no field 'request'"]
    )
  }

  @Test(arguments: ["[5, 1]", "[1]", "[1, 2, 3]", "[1, 1]"])
  func theRangeIsTwoNumbers(range: String) {
    let problems = Kitchen.problems(
      "{kind: judge, of: rows, model: teacher, template: math/cot, range: \(range)}"
    )
    #expect(
      problems == [
        "'range' must be two numbers, the lower first (write 'range: [1, 5]' for ratings from 1 to 5)"
      ]
    )
  }

  @Test func samplesAtTemperatureZeroAreRefused() {
    let problems = Kitchen.problems(
      "{kind: judge, of: rows, model: teacher, template: math/cot, range: [1, 5], samples: 3}"
    )
    #expect(problems.count == 1)
    #expect(problems[0].contains("at temperature 0"))
  }
}
