import Primitives
import Tasks
import Testing

/// Differences of figures between two evaluations of the same rows.
@Suite("Paired differences")
struct PairedDifferenceTests {
  private static func row(
    _ id: Int,
    _ state: RowResult.State,
    tokens: Int? = 3,
    agrees: Bool? = nil,
    entities: EntityCounts? = nil
  ) -> RowResult {
    RowResult(
      id: "\(id)",
      state: state,
      expected: "1",
      got: state == .invalid ? nil : "1",
      words: id,
      promptTokens: tokens,
      completionTokens: tokens.map { $0 + id },
      agreesWithOther: agrees,
      entities: entities
    )
  }

  private static func rows(_ seed: UInt64, _ count: Int) -> [RowResult] {
    var generator = SeededGenerator(seed: Int64(seed), label: "rows")
    let states = RowResult.State.allCases
    return (0..<count).map { id in
      row(
        id,
        states[generator.below(states.count)],
        tokens: generator.below(5) == 0 ? nil : 3,
        agrees: generator.below(3) == 0 ? nil : id % 2 == 0,
        entities: generator.below(5) == 0
          ? nil : EntityCounts(shared: generator.below(9), distinct: 9, tokens: 20 + id)
      )
    }
  }

  @Test(
    "both values are what the metrics of the same names give",
    arguments: [1, 2, 3] as [UInt64]
  )
  func values(seed: UInt64) throws {
    let first = Self.rows(seed, 60)
    let second = Self.rows(seed + 100, 60)
    #expect(PairedDifference.figures.count == 8)
    for name in PairedDifference.figures {
      let steps = name.split(separator: ".").map(String.init)
      let paired = try #require(PairedDifference.of(name, Array(zip(first, second))))
      var metrics = try Metrics.make([steps[0], steps[0]])
      for (one, other) in zip(first, second) {
        metrics[0].add(one)
        metrics[1].add(other)
      }
      let values = metrics.map { $0.result()[steps[1]]?.value }
      #expect(values == [paired.first, paired.second], "\(name)")
      #expect(paired.difference.value == paired.second - paired.first)
      #expect(paired.difference.low <= paired.difference.value)
      #expect(paired.difference.value <= paired.difference.high)
    }
  }

  @Test("what is the same in every row has no difference and no spread")
  func same() throws {
    let rows = Self.rows(7, 40)
    let paired = try #require(PairedDifference.of("accuracy.all", Array(zip(rows, rows))))
    #expect(paired.difference == Figure(value: 0, low: 0, high: 0))
    #expect(paired.n == rows.count { $0.state != .unlabelled })
  }

  /// Rows that are hard for both: each of the figures varies with them, their difference does not.
  @Test("the interval is narrower than those of the two figures")
  func narrower() throws {
    let first = (0..<100).map { Self.row($0, $0 % 2 == 0 ? .correct : .wrong) }
    let second = (0..<100).map { Self.row($0, $0 % 2 == 0 || $0 < 10 ? .correct : .wrong) }
    let paired = try #require(PairedDifference.of("accuracy.all", Array(zip(first, second))))
    var metric = Accuracy()
    for row in first { metric.add(row) }
    let single = try #require(metric.result()["all"])
    #expect(paired.difference.high - paired.difference.low < (single.high - single.low) / 1.5)
    #expect(paired.difference.low > 0)
  }

  @Test("without rows that count, and for other figures, there is none")
  func none() {
    #expect(PairedDifference.of("accuracy.all", []) == nil)
    let unlabelled = [(first: Self.row(1, .unlabelled), second: Self.row(1, .unlabelled))]
    #expect(PairedDifference.of("accuracy.all", unlabelled) == nil)
    let rows = [(first: Self.row(1, .correct), second: Self.row(1, .wrong))]
    #expect(PairedDifference.of("cost.per_thousand", rows) == nil)
  }
}
