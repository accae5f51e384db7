import Execution
import ModelService
import NodeKinds
import Primitives
import Testing

/// `tune` and `generate` on answers that are in the ledger already, so that nothing is sent.
@Suite struct TuneTests {
  private let teacher: RecordedTeacher

  init() async throws {
    teacher = try await RecordedTeacher()
  }

  /// Records answers of so many tokens to both rows, of which `right` are right.
  private func record(_ decoding: DecodingParameters, right: Int, tokens: Int) async throws {
    for (index, row) in RecordedTeacher.rows.enumerated() {
      let usage = Answer.Usage(promptTokens: 9, completionTokens: tokens)
      let text = index < right ? row["label"]?.string ?? "" : "0"
      try await teacher.record(
        row["question"]?.string ?? "",
        decoding,
        Answer(.answered, text: text, finishReason: "stop", usage: usage)
      )
    }
  }

  private func tune(_ grid: String) async throws -> Made {
    try await teacher.run(
      "{kind: tune, model: teacher, template: math/vanilla, data: rows, grid: \(grid)}"
    )
  }

  @Test func theBestPointWinsAndAllTrialsAreKept() async throws {
    try await record(RecordedTeacher.decoding(0), right: 1, tokens: 2)
    try await record(RecordedTeacher.decoding(0.5), right: 2, tokens: 9)
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
    try await record(RecordedTeacher.decoding(0), right: 1, tokens: 2)
    try await record(RecordedTeacher.decoding(0.5, topP: 0.9), right: 1, tokens: 2)
    try await record(RecordedTeacher.decoding(0.5), right: 1, tokens: 2)
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
    try await record(RecordedTeacher.decoding(0.3), right: 1, tokens: 5)
    try await record(RecordedTeacher.decoding(0.6), right: 1, tokens: 3)
    try await record(RecordedTeacher.decoding(0.9), right: 1, tokens: 3)
    let made = try await tune("{temperature: [0.3, 0.6, 0.9]}")
    #expect(try await made.json(Part.chosen)["temperature"] == 0.6)
  }

  /// What a server does not count is not the least.
  @Test func unknownTokensDoNotWinATie() async throws {
    try await record(RecordedTeacher.decoding(0.3), right: 1, tokens: 5)
    for row in RecordedTeacher.rows {
      let text = row["id"] == "a" ? "7" : "0"
      try await teacher.record(
        row["question"]?.string ?? "",
        RecordedTeacher.decoding(0.6),
        Answer(.answered, text: text, finishReason: "stop")
      )
    }
    let made = try await tune("{temperature: [0.3, 0.6]}")
    let chosen = try await made.json(Part.chosen)
    #expect(chosen["temperature"] == 0.3)
  }

  @Test func completionsStandInTheOrderOfTheDataset() async throws {
    try await teacher.record("5 + 4?", RecordedTeacher.decoding(0), Answer(.answered, text: "9"))
    try await teacher.record(
      "3 + 4?",
      RecordedTeacher.decoding(0),
      Answer(.truncated, text: "7 beca")
    )
    let made = try await teacher.run(
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
        try await teacher.record(
          question,
          RecordedTeacher.decoding(0.7),
          draw: Draw(seed: 0, sample: index),
          Answer(.answered, text: text)
        )
      }
    }
    let made = try await teacher.run(
      "{kind: generate, model: teacher, template: math/vanilla, data: rows, samples: 3, "
        + "decoding: {temperature: 0.7}}"
    )
    let rows = try await made.lines(Part.rows)
    #expect(rows.map { $0["id"] } == ["a", "a", "a", "b", "b", "b"])
    #expect(rows.map { $0["sample"] } == [0, 1, 2, 0, 1, 2])
  }

  @Test func aModelIsScoredOnItsAnswers() async throws {
    try await record(RecordedTeacher.decoding(0), right: 1, tokens: 2)
    let made = try await teacher.run(
      "{kind: evaluate, model: teacher, template: math/vanilla, data: rows}"
    )
    #expect(made.outcome.facts["accuracy.all"] == 0.5)
    #expect(try await made.lines(Part.rows).map { $0["state"] } == ["correct", "wrong"])
  }
}
