import Execution
import ModelService
import NodeKinds
import Primitives
import Store
import Testing
import Workflow

/// `tune` and `generate` on answers that are in the ledger already, so that nothing is sent.
@Suite struct TuneTests {
  private let kitchen: Kitchen
  private let teacher: ModelReference

  private static let rows: [JSON] = [
    ["id": "a", "question": "3 + 4?", "label": "7"],
    ["id": "b", "question": "5 + 4?", "label": "9"],
  ]

  init() async throws {
    kitchen = try await Kitchen()
    let declaration = try #require(
      try Kitchen.instance("{kind: parse, completions: answers}").workflow.expansion.models[
        "teacher"
      ]
    )
    teacher = ModelReference(
      declaration: declaration,
      target: .checkpoint(Digest(of: "a checkpoint")),
      identity: ModelIdentity.checkpoint(Digest(of: "a checkpoint"), runtime: "1").json
    )
  }

  /// Records what the teacher says to a question under a decoding.
  private func record(
    _ question: String,
    _ decoding: DecodingParameters,
    sample: Int = 0,
    _ answer: Answer
  ) async throws {
    let request = LogicalRequest(
      messages: [
        PromptMessage(
          role: "user",
          content: "\(question)\n\nGive only the answer, as a number."
        )
      ],
      decoding: decoding
    )
    let call = ModelCall(
      request,
      draw: Draw(seed: 0, sample: sample),
      model: ModelIdentity(json: teacher.identity)
    )
    let ledger = kitchen.store.ledger
    let claim = try await ledger.claim(
      CallRequest(
        key: call.key,
        model: call.model.text,
        request: request.json.canonical,
        runID: "run-0"
      )
    )
    guard case .granted(let attempt) = claim else {
      Issue.record("the call was recorded before")
      return
    }
    try await ledger.settle(
      attempt,
      .answered,
      body: answer.json.canonical,
      servedModel: nil,
      tokens: TokenCounts()
    )
  }

  /// Records answers of so many tokens to both rows, of which `right` are right.
  private func record(_ decoding: DecodingParameters, right: Int, tokens: Int) async throws {
    for (index, row) in Self.rows.enumerated() {
      let usage = Answer.Usage(promptTokens: 9, completionTokens: tokens)
      let text = index < right ? row["label"]?.string ?? "" : "0"
      try await record(
        row["question"]?.string ?? "",
        decoding,
        Answer(.answered, text: text, finishReason: "stop", usage: usage)
      )
    }
  }

  private func run(_ node: String) async throws -> Made {
    let parts = try Recipe.vanilla
    return try await kitchen.run(
      node,
      [
        (
          "template",
          kitchen.artifact(
            .template,
            [
              (Part.prompt, parts.prompt), (Part.target, parts.target),
              (Part.reading, parts.reading),
            ]
          )
        ), ("data", kitchen.rows(.dataset, Self.rows)),
      ],
      model: teacher
    )
  }

  private func tune(_ grid: String) async throws -> Made {
    try await run(
      "{kind: tune, model: teacher, template: math/vanilla, data: rows, grid: \(grid)}"
    )
  }

  private static func decoding(_ temperature: Double, topP: Double = 1) -> DecodingParameters {
    DecodingParameters(temperature: temperature, topP: topP, maxTokens: 16)
  }

  @Test func theBestPointWinsAndAllTrialsAreKept() async throws {
    try await record(Self.decoding(0), right: 1, tokens: 2)
    try await record(Self.decoding(0.5), right: 2, tokens: 9)
    let made = try await tune("{temperature: [0, 0.5]}")
    #expect(made.names == ["chosen", "prompt", "reading", "target", "trials"])
    #expect(try await made.json(Part.chosen) == ["temperature": 0.5, "top_p": 1.0])
    let trials = try await made.lines(Part.trials)
    #expect(trials.map { $0["decoding"]?["temperature"]?.number } == [0, 0.5])
    #expect(trials.map { $0["completion_tokens"] } == [4, 18])
    #expect(
      trials.map { $0["scores"]?["metrics"]?["accuracy"]?["figures"]?["all"]?["value"]?.number }
        == [0.5, 1]
    )
    #expect(made.outcome.facts["made"] == 0)
    #expect(made.outcome.facts["reused"] == 4)
  }

  @Test func atTemperatureZeroPointsThatDifferInTopPAreOneTrial() async throws {
    try await record(Self.decoding(0), right: 1, tokens: 2)
    try await record(Self.decoding(0.5, topP: 0.9), right: 1, tokens: 2)
    try await record(Self.decoding(0.5), right: 1, tokens: 2)
    let made = try await tune("{temperature: [0, 0.5], top_p: [0.9, 1.0]}")
    let trials = try await made.lines(Part.trials)
    #expect(
      trials.map { $0["decoding"] } == [
        ["temperature": 0.0, "top_p": 1.0], ["temperature": 0.5, "top_p": 0.9],
        ["temperature": 0.5, "top_p": 1.0],
      ]
    )
    #expect(made.outcome.facts["trials"] == 3)
    // All are equal: the earliest.
    #expect(try await made.json(Part.chosen) == ["temperature": 0.0, "top_p": 1.0])
  }

  @Test func aTieGoesToFewerTokens() async throws {
    try await record(Self.decoding(0.3), right: 1, tokens: 5)
    try await record(Self.decoding(0.6), right: 1, tokens: 3)
    try await record(Self.decoding(0.9), right: 1, tokens: 3)
    let made = try await tune("{temperature: [0.3, 0.6, 0.9]}")
    #expect(try await made.json(Part.chosen)["temperature"] == 0.6)
  }

  /// What a server does not count is not the least.
  @Test func unknownTokensDoNotWinATie() async throws {
    try await record(Self.decoding(0.3), right: 1, tokens: 5)
    for row in Self.rows {
      let text = row["id"] == "a" ? "7" : "0"
      try await record(
        row["question"]?.string ?? "",
        Self.decoding(0.6),
        Answer(.answered, text: text, finishReason: "stop")
      )
    }
    let made = try await tune("{temperature: [0.3, 0.6]}")
    let chosen = try await made.json(Part.chosen)
    #expect(chosen["temperature"] == 0.3)
  }

  @Test func completionsStandInTheOrderOfTheDataset() async throws {
    try await record("5 + 4?", Self.decoding(0), Answer(.answered, text: "9"))
    try await record("3 + 4?", Self.decoding(0), Answer(.truncated, text: "7 beca"))
    let made = try await run(
      "{kind: generate, model: teacher, template: math/vanilla, data: rows}"
    )
    let rows = try await made.lines(Part.rows).map { try CompletionRow(line: $0.canonical) }
    #expect(rows.map(\.id) == ["a", "b"])
    #expect(rows.map(\.state) == [.truncated, .answered])
    #expect(rows.map(\.text) == ["7 beca", "9"])
    #expect(made.outcome.facts["states"] == ["answered": 1, "truncated": 1])
    #expect(made.outcome.notes == ["1 of 2 answers are not usable: 1 truncated"])
  }

  @Test func theSamplesOfARowStandTogether() async throws {
    for (index, text) in ["7", "8", "7"].enumerated() {
      for question in ["3 + 4?", "5 + 4?"] {
        try await record(
          question,
          Self.decoding(0.7),
          sample: index,
          Answer(.answered, text: text)
        )
      }
    }
    let made = try await run(
      "{kind: generate, model: teacher, template: math/vanilla, data: rows, samples: 3, "
        + "decoding: {temperature: 0.7}}"
    )
    let rows = try await made.lines(Part.rows)
    #expect(rows.map { $0["id"] } == ["a", "a", "a", "b", "b", "b"])
    #expect(rows.map { $0["sample"] } == [0, 1, 2, 0, 1, 2])
  }

  @Test func aModelIsScoredOnItsAnswers() async throws {
    try await record(Self.decoding(0), right: 1, tokens: 2)
    let made = try await run(
      "{kind: evaluate, model: teacher, template: math/vanilla, data: rows}"
    )
    #expect(made.outcome.facts["accuracy.all"] == 0.5)
    #expect(try await made.lines(Part.rows).map { $0["state"] } == ["correct", "wrong"])
  }
}
