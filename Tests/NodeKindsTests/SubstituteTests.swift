import Execution
import NodeKinds
import Primitives
import Testing
import Workflow

@Suite struct SubstituteTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  /// Puts labels to rows; gives `id label` of the training rows.
  private func substitute(_ ids: [String], _ labels: [LabelRow]) async throws -> Made {
    try await kitchen.run(
      "{kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}",
      [
        (
          "data",
          kitchen.rows(.dataset, ids.map { ["id": .string($0), "question": .string("q\($0)")] })
        ),
        ("labels", kitchen.labels(labels)),
        (
          "template",
          kitchen.artifact(
            .template,
            [
              (Part.prompt, try Recipe.vanilla.prompt), (Part.target, try Recipe.vanilla.target),
            ]
          )
        ),
      ]
    )
  }

  private func pairs(_ made: Made) async throws -> [String] {
    let ids = try await made.lines(Part.ids)
    let labels = try await made.lines(Part.rows).map { $0["messages"]?.array?.last?["content"] }
    return zip(ids, labels).map { "\($0.string ?? "") \($1?.string ?? "")" }
  }

  @Test func labelsStandAsTheAssistantsTurn() async throws {
    let made = try await substitute(["a"], [LabelRow("a", "7")])
    #expect(
      try await made.lines(Part.rows) == [
        [
          "messages": [
            ["role": "user", "content": "qa\n\nGive only the answer, as a number."],
            ["role": "assistant", "content": "7"],
          ]
        ]
      ]
    )
    #expect(try await made.lines(Part.ids) == ["a"])
  }

  @Test func rowsWithoutALabelAreLeftOutAndCounted() async throws {
    let made = try await substitute(
      ["a", "b", "c", "d"],
      [LabelRow("a", "1"), LabelRow("b", nil, .unreadable), LabelRow("c", nil, .truncated)]
    )
    #expect(try await pairs(made) == ["a 1"])
    #expect(
      try await made.json(Part.summary) == [
        "rows": 4, "kept": 1, "dropped": ["truncated": 1, "unlabelled": 1, "unreadable": 1],
      ]
    )
    #expect(
      made.outcome.notes == ["3 of 4 rows left out: 1 truncated, 1 unlabelled, 1 unreadable"]
    )
  }

  @Test func anyOrderOfRowsFindsItsLabels() async throws {
    let ids = (0..<40).map { "r\($0)" }
    let labels = ids.map { LabelRow($0, "l\($0)") }
    let expected = { (order: [String]) in order.map { "\($0) l\($0)" } }
    for order in [ids.reversed(), ids.filter { $0.hasSuffix("7") }, ids.sorted()] {
      let made = try await substitute(order, labels)
      #expect(try await pairs(made) == expected(order))
    }
  }

  /// Ids are bytes: a composed and a decomposed é are two rows.
  @Test func idsThatLookAlikeAreTwo() async throws {
    let made = try await substitute(
      ["x", "\u{E9}", "e\u{301}"],
      [LabelRow("\u{E9}", "1"), LabelRow("e\u{301}", "2"), LabelRow("x", "3")]
    )
    let labels = try await pairs(made).map { $0.suffix(1) }
    #expect(labels == ["3", "1", "2"])
  }

  @Test func noLabelAtAllFails() async throws {
    let failure = try await kitchen.failure {
      try await substitute(["a"], [LabelRow("a", nil, .refused)])
    }
    #expect(failure?.reason == .badRows)
    #expect(failure?.message == "no row of 'node' has a label (1 refused)")
  }
}
