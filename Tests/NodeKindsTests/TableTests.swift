import Execution
import NodeKinds
import Primitives
import Testing
import Workflow

@Suite struct TableTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  /// Scores at a point `axis=value …` with one figure, or what their metrics are.
  private func score(
    _ slot: String,
    _ node: String,
    _ value: Double,
    at point: [(String, String)] = [],
    interval: (Double, Double)? = nil
  ) async throws -> (slot: String, input: InputArtifact) {
    var figure: JSON = ["value": .number(value)]
    if let interval {
      figure = [
        "value": .number(value), "low": .number(interval.0), "high": .number(interval.1),
      ]
    }
    let summary: JSON = [
      "metrics": [
        "accuracy": ["n": 10, "figures": ["all": figure, "parsed": ["value": 0.9]]],
        "words": ["n": 10, "figures": ["mean": ["value": 12.345]]],
      ]
    ]
    let coordinates = point.map { MatrixPoint.Coordinate(axis: $0.0, value: $0.1) }
    let name = ([node] + point.map(\.1)).joined(separator: "@")
    return (
      slot,
      InputArtifact(
        artifact: try await kitchen.artifact(.scores, [(Part.summary, summary)]),
        instance: InstanceID(name),
        point: MatrixPoint(coordinates),
        output: nil
      )
    )
  }

  /// A table node over an axis `dataset` and one `seed`, whose columns are given by hand.
  private func table(
    _ inputs: [(slot: String, input: InputArtifact)],
    _ settings: String = ""
  ) async throws -> Made {
    try await kitchen.run("{kind: table, columns: [scores]\(settings)}", inputs: inputs)
  }

  @Test func oneScoreIsOneCell() async throws {
    let made = try await table([score("columns[0]", "before", 0.1234)])
    #expect(try await made.text(Part.markdown) == "| before |\n| ---: |\n| 12.34 |\n")
    #expect(
      try await made.text(Part.csv)
        == "row,column,value,deviation,low,high,n,marked\r\n,before,0.1234,,,,10,\r\n"
    )
    #expect(
      try await made.json(Part.table) == [
        "title": .null, "rows_axis": .null, "columns": ["before"], "values": ["accuracy.all"],
        "rows": [
          ["name": "", "cells": [["value": 0.1234, "marked": false, "runs": 1, "n": 10]]]
        ],
        "cautions": [], "pairs": [],
      ]
    )
  }

  @Test func otherAxesSplitColumnsAndIntervalsAreShown() async throws {
    let made = try await table(
      [
        score("columns[0]", "after", 0.5, at: [("style", "cot")], interval: (0.25, 0.75)),
        score("columns[1]", "after", 1, at: [("style", "vanilla")], interval: (1, 1)),
      ],
      ", title: Small"
    )
    #expect(
      try await made.text(Part.markdown) == """
        **Small**

        | after@cot | after@vanilla |
        | ---: | ---: |
        | 50.00 [25.00, 75.00] | 100.00 [100.00, 100.00] |

        In brackets: 95 % bootstrap interval.

        """
    )
  }

  @Test func aMissingFigureIsAnErrorThatNamesThoseThere() async throws {
    let input = try await score("columns[0]", "after", 0.5)
    let failure = try await kitchen.failure { try await table([input], ", value: accuracy.best") }
    #expect(failure?.message == "'after' has no figure 'accuracy.best'")
    #expect(failure?.hint == "it has accuracy.all, accuracy.parsed, words.mean")
  }

  @Test(arguments: [
    ("accuracy", "accuracy.all"), ("parsed", "accuracy.parsed"), ("mean", "words.mean"),
  ])
  func aMetricOrAFigureAloneIsEnough(_ word: String, _ figure: String) async throws {
    let made = try await table([score("columns[0]", "after", 0.5)], ", value: \(word)")
    #expect(try await made.json(Part.table)["values"] == [.string(figure)])
    #expect(try await made.json(Part.table)["columns"] == ["after"])
  }

  @Test func severalValuesAreColumnsOfTheirOwn() async throws {
    let made = try await table(
      [score("columns[0]", "after", 0.5)],
      ", value: [accuracy.all, words.mean]"
    )
    #expect(
      try await made.json(Part.table)["columns"] == ["after accuracy.all", "after words.mean"]
    )
    // Shares are percentages only where all values are shares.
    #expect(try await made.text(Part.markdown).contains("| 0.50 | 12.35 |"))
  }

  @Test func headingsThatAreGivenStand() async throws {
    let made = try await table([
      score("columns.The student[0]", "after", 0.5, at: [("style", "cot")]),
      score("columns.Other.one[0]", "before", 0.25),
    ])
    #expect(try await made.json(Part.table)["columns"] == ["The student cot", "Other.one"])
  }
}
