import Execution
import ModelService
import NodeKinds
import Primitives
import Tasks
import TestSupport
import Testing
import Workflow

/// Metrics that need more than gold labels: a price, another model's labels, a document.
@Suite struct ScoringTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private static let rows: [JSON] = [
    ["id": "a", "label": "7", "document": "Ada Lovelace met Charles Babbage in London in 1833."],
    ["id": "b", "label": "8", "document": "The ferry to Port Annet sails on Monday."],
    ["id": "c", "label": "9", "document": "Nothing happened."],
  ]

  private func evaluate(
    _ settings: String,
    _ answers: [CompletionRow],
    _ more: [(slot: String, artifact: Artifact)] = [],
    files: [(slot: String, file: InputFile)] = []
  ) async throws -> Made {
    try await kitchen.run(
      "{kind: evaluate, of: recorded, \(settings)}",
      [
        ("of", try await kitchen.completions(answers)),
        ("of.data", try await kitchen.rows(.dataset, Self.rows)),
      ] + more,
      files: files
    )
  }

  private func figure(_ made: Made, _ metric: String, _ figure: String) async throws -> Double? {
    try await made.json(Part.summary)["metrics"]?[metric]?["figures"]?[figure]?["value"]?.number
  }

  // MARK: Cost

  @Test func costIsTokensTimesTheStatedPrice() async throws {
    let made = try await evaluate(
      "as: number, metrics: [accuracy, cost], price: {input: 5.33, output: 16}",
      [
        CompletionRow("a", "7", tokens: 100), CompletionRow("b", "8", tokens: 200),
        CompletionRow("c", "9", tokens: 300),
      ]
    )
    // 200, 400 and 600 tokens in, 100, 200 and 300 out: 2.132 + 3.2 USD for a thousand rows.
    #expect(try await figure(made, "cost", "per_thousand").map { abs($0 - 5.332) < 1e-12 } == true)
    #expect(try await made.json(Part.summary)["price"] == ["input": 5.33, "output": 16.0])
    #expect(try await made.json(Part.summary)["main_metric"] == "accuracy")
  }

  @Test func unknownUsageHasNoCost() async throws {
    let made = try await evaluate(
      "as: number, metrics: cost, price: {input: 5.33, output: 16}",
      ["a", "b", "c"].map { CompletionRow($0, "7", tokens: nil) }
    )
    #expect(try await figure(made, "cost", "per_thousand") == nil)
    #expect(try await made.json(Part.summary)["metrics"]?["cost"]?["invalid"] == 3)
  }

  @Test(
    arguments: [
      (
        "{kind: evaluate, of: answers, metrics: cost}",
        "'node' scores answers that exist, so nothing says what they cost"
      ),
      (
        "{kind: evaluate, of: labels, metrics: [accuracy, tokens]}",
        "labels say nothing of tokens, so 'node' cannot compute 'tokens'"
      ),
      (
        "{kind: evaluate, of: answers, metrics: agreement}",
        "the metric 'agreement' needs 'agreement_with', the labels to compare with"
      ),
      (
        "{kind: evaluate, of: answers, agreement_with: labels}",
        "'agreement_with' is for the metric 'agreement', which 'node' does not compute"
      ),
      (
        "{kind: evaluate, of: answers, metrics: entity_density, recogniser: {command: []}}",
        "'recogniser.command' is empty"
      ),
      ("{kind: parse, completions: answers, as: label}", "the reading 'label' must have 'labels'"),
      ("{kind: evaluate, of: answers, as: regex}", "the reading 'regex' must have a 'pattern'"),
    ])
  func whatAMetricLacksIsSaidAtOnce(_ node: String, _ message: String) {
    let problems = Kitchen.problems(node)
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix(message) == true, "\(problems)")
  }

  // MARK: Agreement

  @Test func agreementIsWithTheOthersLabelsAndNotWithGold() async throws {
    let others = try await kitchen.labels([
      LabelRow("a", "5"), LabelRow("b", "8.0"), LabelRow("c", nil, .unreadable),
    ])
    let made = try await evaluate(
      "as: number, metrics: [accuracy, agreement], agreement_with: labels",
      [CompletionRow("a", "7"), CompletionRow("b", "8"), CompletionRow("c", "9")],
      [("agreement_with", others)]
    )
    #expect(try await figure(made, "accuracy", "all") == 1)
    // The row that they could not answer says nothing.
    #expect(try await figure(made, "agreement", "all") == 0.5)
    #expect(
      try await made.lines(Part.rows).map { $0["agrees_with_other"] } == [false, true, nil]
    )
  }

  @Test func labelsAreComparedByTheReadingThatMadeThem() async throws {
    let labels = try await kitchen.labels([LabelRow("a", "7.00"), LabelRow("b", "9")])
    let made = try await kitchen.run(
      "{kind: evaluate, of: labels}",
      [
        ("of", labels), ("of.data", try await kitchen.rows(.dataset, Self.rows)),
        ("of.own", try await kitchen.artifact(.labels, [(Part.reading, ["as": "number"])])),
        ("of.reading", try await kitchen.artifact(.template, [(Part.reading, ["as": "text"])])),
      ]
    )
    #expect(try await made.lines(Part.rows).first?["state"] == "correct")
  }

  // MARK: Entity density

  @Test func entitiesAreThoseSharedWithTheDocument() async throws {
    let made = try await evaluate(
      "as: text, metrics: [entity_density, words]",
      [
        CompletionRow("a", "Ada Lovelace met Charles Babbage."),
        CompletionRow("b", "It rained in Oslo.", .truncated), CompletionRow("c", "Nothing."),
      ]
    )
    let rows = try await made.lines(Part.rows)
    #expect((rows[0]["shared_entities"]?.int ?? 0) >= 2)
    #expect(rows[1]["shared_entities"] == nil)
    #expect(rows[2]["shared_entities"] == 0)
    let all = try #require(try await figure(made, "entity_density", "all"))
    let parsed = try #require(try await figure(made, "entity_density", "parsed"))
    #expect(abs(all * 3 - parsed * 2) < 1e-12)
    #expect(all > 0)
  }

  /// A recogniser of six lines that takes every capitalised word.
  private static let script = """
    import json, sys
    for line in sys.stdin:
        row = json.loads(line)
        words = row["text"].replace(".", "").split()
        names = [word for word in words if word[:1].isupper()]
        print(json.dumps({"id": row["id"], "entities": names, "tokens": len(words)}))
    """

  @Test func aProgramMayRecogniseThem() async throws {
    let file = try await kitchen.file(Self.script, "names.py")
    let made = try await evaluate(
      "as: text, metrics: entity_density, recogniser: {command: [python3, names.py], files: "
        + "[names.py]}",
      [CompletionRow("a", "Ada Lovelace came to London."), CompletionRow("c", "Nothing at all.")],
      files: [("recogniser.files[0]", file)]
    )
    let rows = try await made.lines(Part.rows)
    #expect(rows[0]["shared_entities"] == 3)
    #expect(rows[0]["summary_tokens"] == 5)
    #expect(rows[2]["shared_entities"] == 1)
    #expect(
      try await figure(made, "entity_density", "parsed").map { abs($0 - 7.0 / 15) < 1e-12 } == true
    )
  }

  @Test(
    arguments: [
      ("import sys\nsys.exit(3)\n", "the recogniser 'python3' did not end well"),
      ("print('{\"id\": 7, \"entities\": []}')\n", ""), ("pass\n", ""), ("print('oops')\n", ""),
    ])
  func aProgramThatFailsIsNoResult(_ script: String, _ message: String) async throws {
    let file = try await kitchen.file(script, "names.py")
    await #expect(throws: (any Error).self) {
      do {
        _ = try await evaluate(
          "as: text, metrics: entity_density, recogniser: {command: [python3, names.py], files: "
            + "[names.py]}",
          [CompletionRow("a", "Ada Lovelace came to London.")],
          files: [("recogniser.files[0]", file)]
        )
      } catch let failure as NodeFailure {
        #expect(failure.message.hasPrefix(message))
        throw failure
      }
    }
  }

  @Test func aProgramThatIsNotThereIsNamed() async throws {
    let failure = try await kitchen.failure {
      try await evaluate(
        "as: text, metrics: entity_density, recogniser: {command: [no-such-recogniser]}",
        [CompletionRow("a", "Ada came.")]
      )
    }
    #expect(failure?.message == "the recogniser 'no-such-recogniser' was not found on the PATH")
  }

  @Test func aRowWithoutADocumentIsNamed() async throws {
    let failure = try await kitchen.failure {
      try await evaluate(
        "as: text, metrics: entity_density, document: article",
        [CompletionRow("a", "Ada came.")]
      )
    }
    #expect(failure?.message == "record 'a' has no text in 'article' to find entities in")
  }
}
