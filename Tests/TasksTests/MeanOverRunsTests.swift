import Primitives
import Tasks
import Testing

/// The mean of a figure over several evaluations of the same rows.
@Suite("Means over runs")
struct MeanOverRunsTests {
  private static func rows(_ letters: String) -> [RowResult] {
    letters.enumerated().map { index, letter in
      RowResult(
        id: "r\(index)",
        state: letter == "+" ? .correct : letter == "-" ? .wrong : .invalid,
        expected: "1",
        got: letter == "?" ? nil : "1",
        words: 1,
        promptTokens: nil,
        completionTokens: nil
      )
    }
  }

  private static func terms(_ figure: String, _ letters: String) throws -> [RowTerm] {
    let read = try #require(RowTerm.reader(of: figure))
    return rows(letters).map(read)
  }

  @Test("of one run it is the metric itself, with its interval")
  func one() throws {
    let letters = "++-?+--+?-++"
    var metric = try Metrics.make(["accuracy"])[0]
    for row in Self.rows(letters) { metric.add(row) }
    let result = metric.result()
    for figure in ["all", "parsed"] {
      let mean = MeanOverRuns.of([try Self.terms("accuracy.\(figure)", letters)])
      #expect(mean == result[figure], "\(figure)")
    }
  }

  @Test("runs that are alike are no narrower than one of them")
  func alike() throws {
    let run = try Self.terms("accuracy.all", "++-?+--+?-++")
    #expect(MeanOverRuns.of([run, run, run]) == MeanOverRuns.of([run]))
  }

  @Test("what one run lacks where the other has it cancels out")
  func opposite() throws {
    let runs = [try Self.terms("accuracy.all", "++--"), try Self.terms("accuracy.all", "--++")]
    #expect(MeanOverRuns.of(runs) == Figure(value: 0.5, low: 0.5, high: 0.5))
  }

  @Test("a run without a row that counts has no mean")
  func nothing() throws {
    let runs = [try Self.terms("accuracy.parsed", "+-"), try Self.terms("accuracy.parsed", "??")]
    #expect(MeanOverRuns.of(runs) == nil)
    #expect(MeanOverRuns.of([]) == nil)
    #expect(RowTerm.reader(of: "cost.per_thousand") == nil)
  }
}
