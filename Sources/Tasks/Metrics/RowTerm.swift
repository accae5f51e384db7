import Primitives

/// What a row adds to a figure that is a ratio of two sums over rows.
package struct RowTerm: Hashable, Sendable {
  /// Summed above the line.
  package let over: Double
  /// Summed below it: 1 where the row counts, else 0.
  package let under: Double

  private static let nothing = RowTerm(over: 0, under: 0)

  /// The names of the figures that are such ratios, sorted; they are what the metrics of the same
  /// names give.
  package static var figures: [String] { readers.map(\.name) }

  /// How the terms of a figure are read; nil for one that is none of `figures`.
  package static func reader(of figure: String) -> (@Sendable (RowResult) -> RowTerm)? {
    readers.first { UTF8Order.equal($0.name, figure) }?.read
  }

  private static let readers: [(name: String, read: @Sendable (RowResult) -> RowTerm)] = [
    ("accuracy.all", { $0.state == .unlabelled ? nothing : share($0.state == .correct) }),
    (
      "accuracy.parsed",
      { row in
        row.state == .unlabelled || row.state == .invalid ? nothing : share(row.state == .correct)
      }
    ), ("agreement.all", { $0.agreesWithOther.map(share) ?? nothing }),
    ("entity_density.all", { one($0.entities?.density ?? 0) }),
    ("entity_density.parsed", { $0.entities?.density.map(one) ?? nothing }),
    ("tokens.completion", { usage($0, $0.completionTokens) }),
    ("tokens.prompt", { usage($0, $0.promptTokens) }), ("words.mean", { one(Double($0.words)) }),
  ]

  private static func one(_ number: Double) -> RowTerm { RowTerm(over: number, under: 1) }

  private static func share(_ counts: Bool) -> RowTerm { one(counts ? 1 : 0) }

  /// A row whose usage is unknown counts in no mean.
  private static func usage(_ row: RowResult, _ tokens: Int?) -> RowTerm {
    guard row.promptTokens != nil, row.completionTokens != nil, let tokens else { return nothing }
    return one(Double(tokens))
  }
}
