import Execution
import NodeKinds
import Primitives
import Testing
import Workflow

/// Tables over the axes of a workflow: rows, means over seeds, marks.
@Suite struct TableAxisTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private static let head = """
    models: {teacher: {embedded: tiny-teacher}}
    matrix:
      dataset: [one, two]
      seed: [1, 2, 3]
    nodes:
      rows: {kind: dataset, format: jsonl, path: "${dataset}.jsonl"}
      score: {kind: evaluate, model: teacher, template: math/cot, data: rows, seed: "${seed}"}
      base: {kind: evaluate, model: teacher, template: math/vanilla, data: rows}
    """

  private func scores(
    _ slot: String,
    _ node: String,
    _ values: [(dataset: String, seed: String?, value: Double)]
  ) async throws -> [(slot: String, input: InputArtifact)] {
    var inputs: [(slot: String, input: InputArtifact)] = []
    for (index, entry) in values.enumerated() {
      let summary: JSON = [
        "metrics": ["accuracy": ["n": 4, "figures": ["all": ["value": .number(entry.value)]]]]
      ]
      var point = [MatrixPoint.Coordinate(axis: "dataset", value: entry.dataset)]
      if let seed = entry.seed { point.append(MatrixPoint.Coordinate(axis: "seed", value: seed)) }
      let name = ([node] + point.map(\.value)).joined(separator: "@")
      inputs.append(
        (
          "\(slot)[\(index)]",
          InputArtifact(
            artifact: try await kitchen.artifact(.scores, [(Part.summary, summary)]),
            instance: InstanceID(name),
            point: MatrixPoint(point),
            output: nil
          )
        )
      )
    }
    return inputs
  }

  private func table(
    _ settings: String,
    _ inputs: [(slot: String, input: InputArtifact)]
  ) async throws -> Made {
    try await kitchen.run("{kind: table, \(settings)}", behind: Self.head, inputs: inputs)
  }

  @Test func rowsAreAnAxisAndSeedsBecomeMeanAndDeviation() async throws {
    let made = try await table(
      "columns: [score, base], rows: dataset, over: seed",
      scores(
        "columns[0]",
        "score",
        [("one", "1", 0.5), ("one", "2", 0.6), ("one", "3", 0.7), ("two", "1", 0.25)]
      ) + scores("columns[1]", "base", [("one", nil, 0.5), ("two", nil, 0.75)])
    )
    // The sample deviation of 0.5, 0.6 and 0.7 is 0.1; of one value there is none.
    #expect(
      try await made.text(Part.markdown) == """
        | dataset | score | base |
        | --- | ---: | ---: |
        | one | 60.00 ± 10.00 | 50.00 |
        | two | 25.00 | 75.00 |

        Mean ± standard deviation.

        """
    )
    let cell = try await made.json(Part.table)["rows"]?.array?.first?["cells"]?.array?.first
    #expect(cell?["runs"] == 3)
    #expect(cell?["n"] == nil)
    #expect(abs((cell?["deviation"]?.number ?? 0) - 0.1) < 1e-12)
  }

  @Test func aRowWithoutAScoreHasADash() async throws {
    let made = try await table(
      "columns: [score, base], rows: dataset, over: seed",
      scores("columns[0]", "score", [("one", "1", 0.5)])
        + scores("columns[1]", "base", [("two", nil, 0.75)])
    )
    let text = try await made.text(Part.markdown)
    #expect(text.contains("| one | 50.00 | – |"))
    #expect(text.contains("| two | – | 75.00 |"))
    let rows = try await made.json(Part.table)["rows"]?.array
    #expect(rows?.first?["cells"]?.array?.last == .null)
  }

  @Test func marksStandWhereAScoreIsAboveTheOther() async throws {
    let settings =
      "columns: [score, base], rows: dataset, over: seed, mark: {columns: score, above: base}"
    let mine = [("one", "1", 0.75), ("two", "1", 0.5)] as [(String, String?, Double)]
    let made = try await table(
      settings,
      scores("columns[0]", "score", mine)
        + scores("columns[1]", "base", [("one", nil, 0.5), ("two", nil, 0.5)])
        + scores("mark.columns", "score", mine)
        + scores("mark.above", "base", [("one", nil, 0.5), ("two", nil, 0.5)])
    )
    #expect(
      try await made.text(Part.markdown) == """
        | dataset | score | base |
        | --- | ---: | ---: |
        | one | 75.00\\* | 50.00 |
        | two | 50.00 | 50.00 |

        \\* above the score it is marked against.

        """
    )
    #expect(try await made.text(Part.csv).contains("one,score,0.75,,,,4,*\r\n"))
  }

  /// A column that is not to be marked happens to have the marked one's figure.
  @Test func onlyTheColumnsToBeMarkedAreMarked() async throws {
    let mine = [("one", nil, 0.75)] as [(String, String?, Double)]
    let made = try await table(
      "columns: [score, base], rows: dataset, mark: {columns: score, above: base}",
      scores("columns[0]", "score", mine) + scores("columns[1]", "other", mine)
        + scores("mark.columns", "score", mine)
        + scores("mark.above", "base", [("one", nil, 0.5)])
    )
    let text = try await made.text(Part.markdown)
    #expect(text.contains("| one | 75.00\\* | 75.00 |"))
  }

  /// The paper's star: above the vanilla teacher, in whatever row.
  @Test func aThresholdPinnedToOneRowIsThatOfEveryRow() async throws {
    let students = [("one", nil, 0.5), ("two", nil, 0.75)] as [(String, String?, Double)]
    let made = try await table(
      "columns: [score], rows: dataset, mark: {columns: score, above: base@one}",
      scores("columns[0]", "score", students) + scores("mark.columns", "score", students)
        + scores("mark.above", "base", [("one", nil, 0.6)])
    )
    let text = try await made.text(Part.markdown)
    #expect(text.contains("| one | 50.00 |"))
    #expect(text.contains("| two | 75.00\\* |"))
  }
}
