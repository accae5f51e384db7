import Execution
import NodeKinds
import Primitives
import Store
import Testing
import Workflow

/// Columns that were scored on the same rows are compared row by row, and others are not.
@Suite struct TablePairTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  /// Scores of so many rows, right where the letter is `+`.
  private func score(
    _ slot: String,
    _ node: String,
    _ results: String,
    data: String = "one",
    prompt: String = "p"
  ) async throws -> (slot: String, input: InputArtifact) {
    let right = results.filter { $0 == "+" }.count
    let summary: JSON = [
      "data": .string(data), "prompt": .string(prompt), "main_metric": "accuracy",
      "metrics": [
        "accuracy": [
          "n": JSON(results.count),
          "figures": ["all": ["value": .number(Double(right) / Double(results.count))]],
        ]
      ],
    ]
    let rows: [JSON] = results.enumerated().map { index, letter in
      [
        "id": .string("r\(index)"), "state": letter == "+" ? "correct" : "wrong", "words": 1,
        "readings_agree": true, "expected": "1", "got": "1",
      ]
    }
    let made = try await kitchen.artifact(.scores, [(Part.summary, summary)])
    return (
      slot,
      InputArtifact(
        artifact: Artifact(
          type: .scores,
          parts: made.parts + [(Part.rows, try await kitchen.lines(rows))]
        ),
        instance: InstanceID(node),
        point: MatrixPoint(),
        output: nil
      )
    )
  }

  private func table(_ inputs: [(slot: String, input: InputArtifact)]) async throws -> Made {
    try await kitchen.run("{kind: table, columns: [scores]}", inputs: inputs)
  }

  @Test func theSecondColumnIsComparedWithTheFirst() async throws {
    let made = try await table([
      score("columns[0]", "before", "++------"), score("columns[1]", "after", "+-++++++"),
    ])
    let pair = try #require(try await made.json(Part.table)["pairs"]?.array?.first)
    #expect(pair["first"] == "before")
    #expect(pair["second"] == "after")
    #expect(pair["value"] == "accuracy.all")
    #expect(pair["n"] == 8)
    #expect(pair["difference"] == 0.625)
    // One row only the first has right, six only the second: 2 · (1 + 7) / 2⁷.
    #expect(pair["p"] == 0.125)
    let lines = try await made.text(Part.pairs).split(separator: "\r\n")
    #expect(lines.count == 2)
    #expect(lines.last?.hasPrefix(",accuracy.all,before,after,8,0.25,0.875,0.625,") == true)
    #expect(try await made.text(Part.html).contains("Differences on the same rows"))
    #expect(made.outcome.facts["pairs"] == 1)
  }

  @Test func withAMarkEachIsComparedWithTheOneItIsMarkedAgainst() async throws {
    let made = try await kitchen.run(
      "{kind: table, columns: [scores], mark: {columns: scores, above: scores}}",
      inputs: [
        score("columns[0]", "base", "+---"), score("columns[1]", "teacher", "++--"),
        score("columns[2]", "student", "++++"), score("mark.columns[0]", "student", "++++"),
        score("mark.above[0]", "teacher", "++--"),
      ]
    )
    let pairs = try await made.json(Part.table)["pairs"]?.array ?? []
    #expect(pairs.map { $0["first"] } == ["teacher", "teacher"])
    #expect(pairs.map { $0["second"] } == ["base", "student"])
    #expect(pairs.map { $0["difference"] } == [-0.25, 0.5])
    #expect(try await made.text(Part.markdown).contains("| 25.00 | 50.00 | 100.00\\* |"))
  }

  @Test func otherRowsAreNotComparedAndSaidToBeOther() async throws {
    let made = try await table([
      score("columns[0]", "before", "++--"), score("columns[1]", "after", "++++", data: "two"),
    ])
    #expect(try await made.json(Part.table)["pairs"] == [])
    #expect(!made.names.contains(Part.pairs))
    let caution = "Not all columns were scored on the same rows of data."
    #expect(made.outcome.notes == [caution])
    #expect(try await made.text(Part.markdown).hasSuffix("\n\n\(caution)\n"))
    #expect(try await made.text(Part.latex).contains("  \(caution)"))
    #expect(try await made.text(Part.html).contains("<p>\(caution)</p>"))
  }

  @Test func aMeanOverScoresOfTheSameRowsHasItsInterval() async throws {
    let made = try await table([
      score("columns[0][0]", "after", "++--"), score("columns[0][1]", "after", "--++"),
    ])
    let cell = try await made.json(Part.table)["rows"]?.array?.first?["cells"]?.array?.first
    #expect(cell?["value"] == 0.5)
    // In every row one of the two is right: whichever rows are drawn, the mean is the same.
    #expect(cell?["low"] == 0.5)
    #expect(cell?["high"] == 0.5)
    #expect(cell?["deviation"]?.number == 0)
    #expect(cell?["n"] == nil)
    let text = try await made.text(Part.markdown)
    #expect(text.contains("| 50.00 ± 0.00 [50.00, 50.00] |"))
    #expect(text.contains("Mean ± standard deviation.\n\nIn brackets: 95 % bootstrap interval."))
    #expect(try await made.text(Part.csv).contains("after,0.5,0.0,0.5,0.5,,"))
    #expect(try await made.text(Part.html).contains("50.00 ± 0.00 <small>[50.00, 50.00]</small>"))
    let latex = "$50.00 \\pm 0.00$ {\\footnotesize [$50.00$, $50.00$]}"
    #expect(try await made.text(Part.latex).contains(latex))
  }

  @Test func aMeanOverScoresOfOtherRowsHasNone() async throws {
    for other in [
      try await score("columns[0][1]", "after", "--++", data: "two"),
      try await score("columns[0][1]", "after", "--+"),
    ] {
      let made = try await table([score("columns[0][0]", "after", "++--"), other])
      let cell = try await made.json(Part.table)["rows"]?.array?.first?["cells"]?.array?.first
      #expect(cell?["runs"] == 2)
      #expect(cell?["low"] == nil)
      #expect(try await !made.text(Part.markdown).contains("["))
    }
  }

  @Test func rowsThatSayTheyAreTheSameAndAreNotAreNotCompared() async throws {
    let made = try await table([
      score("columns[0]", "before", "++--"), score("columns[1]", "after", "+++"),
    ])
    #expect(try await made.json(Part.table)["pairs"] == [])
  }

  @Test func otherPromptsAreSaid() async throws {
    let made = try await table([
      score("columns[0]", "teacher", "++--", prompt: "long"),
      score("columns[1]", "before", "++--"), score("columns[2]", "after", "++++"),
    ])
    #expect(
      made.outcome.notes == ["Asked with different prompts: teacher | before, after."]
    )
    #expect(made.outcome.facts["pairs"] == 2)
  }

  /// Nobody could be rated: no figure, and no failure of the whole table.
  @Test func aMetricWithoutAFigureIsADash() async throws {
    let empty: JSON = ["metrics": ["judge": ["n": 3, "invalid": 3, "figures": [:]]]]
    let artifact = try await kitchen.artifact(.scores, [(Part.summary, empty)])
    let made = try await kitchen.run(
      "{kind: table, columns: [scores], value: [mean, median]}",
      [("columns[0]", artifact)]
    )
    #expect(try await made.json(Part.table)["values"] == ["judge.mean", "judge.median"])
    #expect(try await made.text(Part.markdown).contains("| – | – |"))
    #expect(try await made.text(Part.latex).contains("-- & -- \\\\"))
  }
}
