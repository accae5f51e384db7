import Execution
import ModelService
import NodeKinds
import Primitives
import Tasks
import Testing
import Workflow

/// Scores of completions and labels that exist, by hand-made rows.
@Suite struct EvaluateTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private static let rows: [JSON] = [
    ["id": "right", "label": "7"], ["id": "wrong", "label": "7"],
    ["id": "unreadable", "label": "7"], ["id": "cut", "label": "7"],
    ["id": "unanswered", "label": "7"], ["id": "open"],
  ]
  private static let answers = [
    CompletionRow("right", "The answer is 7.0"), CompletionRow("wrong", "The answer is 8."),
    CompletionRow("unreadable", "seven"), CompletionRow("cut", "The answer is 7", .truncated),
    CompletionRow("open", "The answer is 1."),
  ]

  private func evaluate(
    _ answers: [CompletionRow],
    rows: [JSON] = rows,
    _ settings: String = ""
  ) async throws -> Made {
    try await kitchen.run(
      "{kind: evaluate, of: recorded, as: number\(settings)}",
      [
        ("of", kitchen.completions(answers)), ("of.data", kitchen.rows(.dataset, rows)),
      ]
    )
  }

  private func states(_ made: Made) async throws -> [String] {
    try await made.lines(Part.rows).map { line in
      "\(line["id"]?.string ?? "") \(line["state"]?.string ?? "")"
    }
  }

  @Test func bothDenominatorsAreGiven() async throws {
    let made = try await evaluate(Self.answers)
    #expect(
      try await states(made) == [
        "right correct", "wrong wrong", "unreadable invalid", "cut invalid", "unanswered invalid",
        "open unlabelled",
      ]
    )
    let summary = try await made.json(Part.summary)
    #expect(summary["rows"] == 6)
    #expect(summary["invalid"] == 3)
    #expect(summary["unlabelled"] == 1)
    let accuracy = try #require(summary["metrics"]?["accuracy"])
    #expect(accuracy["n"] == 5)
    #expect(accuracy["invalid"] == 3)
    #expect(accuracy["figures"]?["all"]?["value"]?.number == 1.0 / 5)
    #expect(accuracy["figures"]?["parsed"]?["value"]?.number == 1.0 / 2)
    #expect(made.outcome.facts["accuracy.all"] == 0.2)
    #expect(made.outcome.facts["accuracy.parsed"] == 0.5)
    #expect(
      made.outcome.notes == [
        "3 of 6 answers could not be read", "1 of 6 rows have no gold label",
      ]
    )
  }

  @Test func nothingReadableHasNoAccuracyOfTheParsed() async throws {
    let made = try await evaluate([CompletionRow("a", "none")], rows: [["id": "a", "label": "7"]])
    let figures = try await made.json(Part.summary)["metrics"]?["accuracy"]?["figures"]?.object
    #expect(figures?.keys == ["all"])
    #expect(figures?["all"]?["value"] == 0.0)
  }

  @Test func answersInAnyOrderFindTheirRows() async throws {
    let rows: [JSON] = (0..<30).map { ["id": .string("r\($0)"), "label": JSON("\($0)")] }
    let answers = (0..<30).map { CompletionRow("r\($0)", "The answer is \($0).") }
    let orders = [answers.reversed(), answers.sorted { $0.id < $1.id }]
    for order in orders {
      let made = try await evaluate(order, rows: rows)
      #expect(made.outcome.facts["accuracy.all"] == 1.0)
      // In the order of the dataset, whatever that of the answers was.
      #expect(try await made.lines(Part.rows).map { $0["id"] } == rows.map { $0["id"] })
    }
  }

  /// Ids are bytes: a composed and a decomposed é are two rows.
  @Test func idsThatLookAlikeAreTwo() async throws {
    let rows: [JSON] = [
      ["id": "x", "label": "0"], ["id": "\u{E9}", "label": "1"], ["id": "e\u{301}", "label": "2"],
    ]
    let made = try await evaluate(
      [CompletionRow("\u{E9}", "1"), CompletionRow("e\u{301}", "2"), CompletionRow("x", "0")],
      rows: rows
    )
    #expect(made.outcome.facts["accuracy.all"] == 1.0)
  }

  @Test func theMajorityOfTheSamplesIsJudged() async throws {
    let samples = [
      CompletionRow("a", "8", sample: 0), CompletionRow("a", "7", sample: 1),
      CompletionRow("a", "7", sample: 2), CompletionRow("b", "7", sample: 0),
      CompletionRow("b", "8", sample: 1),
    ]
    let rows: [JSON] = [["id": "a", "label": "7"], ["id": "b", "label": "7"]]
    let first = try await evaluate(samples, rows: rows)
    #expect(try await states(first) == ["a wrong", "b correct"])
    let vote = try await evaluate(samples, rows: rows, ", vote: majority")
    #expect(try await states(vote) == ["a correct", "b invalid"])
  }

  @Test func tokensAreAddedOverSamplesUnlessOneIsUnknown() async throws {
    let rows: [JSON] = [["id": "a", "label": "7"], ["id": "b", "label": "7"]]
    let made = try await evaluate(
      [
        CompletionRow("a", "seven or 7", sample: 0, tokens: 3),
        CompletionRow("a", "7", sample: 1, tokens: 4),
        CompletionRow("b", "7", sample: 0, tokens: 3),
        CompletionRow("b", "7", sample: 1, tokens: nil),
      ],
      rows: rows,
      ", metrics: [accuracy, tokens, words]"
    )
    let results = try await made.lines(Part.rows)
    #expect(results.map { $0["completion_tokens"]?.int } == [7, nil])
    #expect(results.map { $0["prompt_tokens"]?.int } == [14, nil])
    #expect(results.map { $0["words"] } == [3, 1])
    let metrics = try await made.json(Part.summary)["metrics"]?.object
    #expect(metrics?.keys.sorted() == ["accuracy", "tokens", "words"])
  }

  @Test func labelsAreComparedAsTheyWereRead() async throws {
    let made = try await kitchen.run(
      "{kind: evaluate, of: labels, as: number}",
      [
        (
          "of",
          kitchen.labels([
            LabelRow("right", "7.00"), LabelRow("wrong", "8"),
            LabelRow("unreadable", "kept", .unreadable),
            LabelRow("cut", nil, .truncated),
          ])
        ), ("of.data", kitchen.rows(.dataset, Self.rows)),
      ]
    )
    #expect(
      try await states(made) == [
        "right correct", "wrong wrong", "unreadable invalid", "cut invalid", "unanswered invalid",
        "open unlabelled",
      ]
    )
    #expect(made.outcome.facts["accuracy.all"] == 0.2)
  }

  /// As on `parse`, what is written on the node goes before what the template says.
  @Test func asIsNotSilentlyPassedOver() async throws {
    let made = try await kitchen.run(
      "{kind: evaluate, of: answers, as: number}",
      [
        ("of", kitchen.completions([CompletionRow("a", "The answer is 7.")])),
        ("of.data", kitchen.rows(.dataset, [["id": "a", "label": "7"]])),
        ("of.reading", kitchen.artifact(.template, [(Part.reading, ["as": "text"])])),
      ]
    )
    #expect(made.outcome.facts["accuracy.all"] == 1.0)
  }
}
