import Execution
import ModelService
import NodeKinds
import Primitives
import Testing
import Workflow

@Suite struct ParseTests {
  private let kitchen: Kitchen

  init() async throws {
    kitchen = try await Kitchen()
  }

  private func parse(_ settings: String = "", _ completions: [CompletionRow]) async throws -> Made {
    try await kitchen.run(
      "{kind: parse, completions: answers, as: number\(settings)}",
      [("completions", kitchen.completions(completions))]
    )
  }

  private func labels(_ made: Made) async throws -> [LabelRow] {
    try await made.lines(Part.rows).map { try LabelRow(line: $0.canonical) }
  }

  @Test func anAnswerIsReadStrictlyAndFlexibly() async throws {
    let made = try await parse(
      "",
      [
        CompletionRow("a", "3 + 4 = 7. The answer is 7."),
        CompletionRow("b", "there are 3 boxes and 12 pens"),
        CompletionRow("c", "The answer is 5, and 9 are left."),
        CompletionRow("d", "I do not know."),
      ]
    )
    let labels = try await labels(made)
    #expect(labels.map(\.label) == ["7", "12", "5", nil])
    #expect(labels.map(\.strict) == ["7", nil, "5", nil])
    #expect(labels.map(\.state) == [.valid, .valid, .valid, .unreadable])
    #expect(labels.map(\.votes) == [1, 1, 1, 0])
    let summary = try await made.json(Part.summary)
    #expect(summary["rows"] == 4)
    #expect(summary["valid"] == 3)
    #expect(summary["unreadable"] == 1)
    let differing = labels.count { $0.strict != nil && $0.strict != $0.flexible }
    #expect(summary["disagreements"]?.int == differing)
    #expect(made.outcome.notes.first == "1 of 4 rows invalid: 1 unreadable")
  }

  @Test(arguments: Answer.State.allCases) func everyStateIsCountedAsItself(
    _ state: Answer.State
  ) async throws {
    let made = try await parse("", [CompletionRow("a", "The answer is 7.", state)])
    let label = try #require(try await labels(made).first)
    let isUsable = state == .answered
    #expect(label.state.rawValue == (isUsable ? "valid" : state.rawValue))
    #expect(label.label == (isUsable ? "7" : nil))
    #expect(try await made.json(Part.summary)[label.state.rawValue] == 1)
  }

  @Test func theMajorityOfTheSamplesWins() async throws {
    let made = try await parse(
      ", vote: majority",
      [
        CompletionRow("a", "The answer is 7.", sample: 0),
        CompletionRow("a", "The answer is 8.", sample: 1),
        CompletionRow("a", "The answer is 8.0", sample: 2),
        CompletionRow("b", "The answer is 1.", sample: 0),
        CompletionRow("b", "The answer is 2.", sample: 1),
        CompletionRow("c", "no number", sample: 0),
        CompletionRow("c", "The answer is 4.", sample: 1),
        CompletionRow("d", "The answer is 6.", sample: 0, .truncated),
        CompletionRow("d", "nothing", sample: 1),
      ]
    )
    let labels = try await labels(made)
    #expect(labels.map(\.id) == ["a", "b", "c", "d"])
    #expect(labels.map(\.label) == ["8", nil, "4", nil])
    #expect(labels.map(\.state) == [.valid, .undecided, .valid, .truncated])
    #expect(labels.map(\.votes) == [2, 1, 1, 0])
    #expect(labels.map(\.readable) == [3, 2, 1, 0])
  }

  @Test func tooFewVotesAreInvalid() async throws {
    let samples = [
      CompletionRow("a", "7", sample: 0), CompletionRow("a", "7", sample: 1),
      CompletionRow("a", "8", sample: 2),
    ]
    let two = try await parse(", vote: majority, min_votes: 2", samples)
    #expect(try await labels(two).map(\.label) == ["7"])
    let three = try await parse(", vote: majority, min_votes: 3", samples)
    #expect(try await labels(three).map(\.state) == [.undecided])
    #expect(try await labels(three).map(\.label) == [nil])
  }

  @Test func withoutAVoteTheFirstSampleCounts() async throws {
    let made = try await parse(
      "",
      [
        CompletionRow("a", "none", sample: 0), CompletionRow("a", "7", sample: 1),
        CompletionRow("b", "8", sample: 0),
      ]
    )
    #expect(try await labels(made).map(\.label) == [nil, "8"])
  }

  @Test func invalidRowsAreKeptOnlyIfAskedFor() async throws {
    let rows = [CompletionRow("a", "seven"), CompletionRow("b", "", .empty)]
    let dropped = try await labels(parse("", rows))
    #expect(dropped.map(\.label) == [nil, nil])
    let kept = try await labels(parse(", invalid: keep", rows))
    #expect(kept.map(\.label) == ["seven", nil])
    #expect(kept.map(\.state) == [.unreadable, .empty])
  }

  @Test func tooManyInvalidRowsFail() async throws {
    let rows = (0..<19).map { CompletionRow("\($0)", "7") } + [CompletionRow("x", "none")]
    #expect(try await kitchen.failure { try await parse(", fail_above: 5%", rows) } == nil)
    let failure = try #require(
      try await kitchen.failure { try await parse(", fail_above: 4.9%", rows) }
    )
    #expect(failure.reason == .badRows)
    #expect(
      failure.message == "1 of 20 rows are invalid (1 unreadable); the limit is 4.9 %"
    )
    let strict = try #require(
      try await kitchen.failure { try await parse(", invalid: fail", rows) }
    )
    #expect(strict.reason == .badRows)
  }

  @Test func noCompletionsGiveNoLabels() async throws {
    let made = try await parse(", fail_above: 0%", [])
    #expect(try await made.text(Part.rows) == "")
    #expect(try await made.json(Part.summary)["rows"] == 0)
  }

  @Test func theTemplatesReadingCountsUnlessAsIsWritten() async throws {
    let reading = try await kitchen.artifact(.template, [(Part.reading, ["as": "text"])])
    let completions = try await kitchen.completions([CompletionRow("a", " The answer is 7. ")])
    let made = try await kitchen.run(
      "{kind: parse, completions: answers}",
      [("completions", completions), ("reading", reading)]
    )
    #expect(try await labels(made).map(\.label) == ["The answer is 7."])
    let over = try await kitchen.run(
      "{kind: parse, completions: answers, as: number}",
      [("completions", completions), ("reading", reading)]
    )
    #expect(try await labels(over).map(\.label) == ["7"])
  }
}
