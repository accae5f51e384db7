import Tasks
import Testing

@Suite struct McNemarTests {
  /// By scipy.stats.binomtest(min, n, 0.5).pvalue, version 1.11.
  @Test(arguments: [
    (0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (10, 2, 0.03857421875), (8, 8, 1.0),
    (30, 12, 0.007915897334896727),
  ])
  func isTheBinomialTest(onlyFirst: Int, onlySecond: Int, pValue: Double) {
    let one = McNemar(onlyFirst: onlyFirst, onlySecond: onlySecond)
    #expect(abs(one.pValue - pValue) < 1e-8)
    #expect(McNemar(onlyFirst: onlySecond, onlySecond: onlyFirst).pValue == one.pValue)
  }

  @Test func manyRowsNeitherOverflowNorVanish() {
    // By logarithms of factorials.
    let many = McNemar(onlyFirst: 50_000, onlySecond: 50_704)
    #expect(abs(many.pValue - 0.026739192522) < 1e-7)
    #expect(McNemar(onlyFirst: 0, onlySecond: 2000).pValue == 0)
    #expect(McNemar(onlyFirst: 0, onlySecond: 1000).pValue > 0)
  }
}

@Suite struct ComparisonNoteTests {
  private func row(_ id: String, expected: String? = "1") -> RowResult {
    RowResult(
      id: id,
      state: .correct,
      expected: expected,
      got: "1",
      words: 1,
      promptTokens: nil,
      completionTokens: nil
    )
  }

  @Test func whatDiffersIsNamed() {
    let one = EvaluationContext(data: "a", prompt: "b", reading: nil, decoding: "d")
    let other = EvaluationContext(data: "x", prompt: "y", reading: "c", decoding: "d")
    #expect(ComparisonNote.between(one, one).isEmpty)
    #expect(ComparisonNote.between(one, other) == [.otherData, .otherPrompt])
  }

  @Test func rowsAreComparedById() {
    let first = [row("1"), row("2"), row("3")]
    #expect(ComparisonNote.between(first, first).isEmpty)
    let notes = ComparisonNote.between(first, [row("2", expected: "7"), row("3"), row("4")])
    #expect(notes == [.otherRows(shared: 2, onlyFirst: 1, onlySecond: 1), .otherLabels(count: 1)])
    #expect(
      notes.map(\.message) == [
        "the sets differ: 2 rows in both, 1 only in the first, 1 only in the second",
        "the right answer differs in 1 rows",
      ]
    )
  }
}
