import Execution
import NodeKinds
import Primitives
import Store
import Testing
import Workflow

/// `keep: {agreeing_with: …}`: rows that others label alike.
@Suite struct KeepTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private static let gold: [String: String] = ["a": "1", "b": "2", "c": "3", "d": "4"]
  private static let mine = [
    LabelRow("a", "1.0"), LabelRow("b", "2"), LabelRow("c", "9"), LabelRow("d", "4"),
    LabelRow("e", "5"), LabelRow("f", nil, .unreadable),
  ]

  /// Keeps what agrees, with other labels in the order given.
  private func substitute(_ agreeing: String, others: [[LabelRow]] = []) async throws -> Made {
    let rows: [JSON] = ["a", "b", "c", "d", "e", "f"].map { id in
      var row = JSONObject([("id", .string(id)), ("question", .string("q\(id)"))])
      row["label"] = Self.gold[id].map(JSON.string)
      return .object(row)
    }
    var labels = try await kitchen.labels(Self.mine)
    labels = Artifact(
      type: .labels,
      parts: labels.parts + [
        (Part.reading, try await kitchen.store.objects.put(#"{"as":"number"}"#))
      ]
    )
    var inputs: [(slot: String, artifact: Artifact)] = [
      ("data", try await kitchen.rows(.dataset, rows)), ("labels", labels),
      (
        "template",
        try await kitchen.artifact(
          .template,
          [(Part.prompt, try Recipe.vanilla.prompt), (Part.target, try Recipe.vanilla.target)]
        )
      ),
    ]
    for (index, rows) in others.enumerated() {
      inputs.append(("keep.agreeing_with[\(index)]", try await kitchen.labels(rows)))
    }
    return try await kitchen.run(
      "{kind: substitute-labels, data: rows, labels: labels, template: math/vanilla, "
        + "keep: {agreeing_with: \(agreeing)}}",
      inputs
    )
  }

  @Test func rowsThatAgreeWithGoldAreKept() async throws {
    let made = try await substitute("gold")
    // By value: 1.0 is 1.
    #expect(try await made.lines(Part.ids) == ["a", "b", "d"])
    #expect(
      try await made.json(Part.summary) == [
        "rows": 6, "kept": 3,
        "dropped": ["differs from gold": 1, "unreadable": 1, "without gold": 1],
      ]
    )
    #expect(
      made.outcome.notes == [
        "3 of 6 rows left out: 1 differs from gold, 1 unreadable, 1 without gold"
      ]
    )
  }

  @Test func rowsThatAgreeWithOthersAreKept() async throws {
    let theirs = [
      LabelRow("a", "1"), LabelRow("b", "7"), LabelRow("c", "9"),
      LabelRow("d", "4", .undecided), LabelRow("e", "5"),
    ]
    let made = try await substitute("[labels]", others: [theirs])
    #expect(try await made.lines(Part.ids) == ["a", "c", "e"])
    #expect(
      try await made.json(Part.summary)["dropped"] == [
        "differs from other labels": 1, "unreadable": 1, "without other labels": 1,
      ]
    )
  }

  @Test func allOfThemMustAgree() async throws {
    let theirs = [LabelRow("a", "1"), LabelRow("c", "9"), LabelRow("d", "4")]
    let third = [LabelRow("d", "4.0"), LabelRow("a", "2")]
    let made = try await substitute("[labels, labels, gold]", others: [theirs, third])
    #expect(try await made.lines(Part.ids) == ["d"])
  }

  @Test func whenNobodyAgreesItFailsAndSaysWhy() async throws {
    let failure = try await kitchen.failure {
      try await substitute("[labels]", others: [[LabelRow("a", "8")]])
    }
    #expect(failure?.reason == .badRows)
    #expect(
      failure?.message
        == "no row of 'node' has a label that the others share (1 differs from other labels, 1 "
        + "unreadable, 4 without other labels)"
    )
  }
}
