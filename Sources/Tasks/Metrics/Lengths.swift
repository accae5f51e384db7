/// Words of a completion, on average over rows.
package struct WordCount: Metric {
  package static let name = "words"
  package static let version = 1
  package static let figures = ["mean"]
  package static let summary = "mean number of words in a completion"

  private var words: [Double] = []

  package init(price: Price? = nil) {}

  package mutating func add(_ row: RowResult) { words.append(Double(row.words)) }

  package func result() -> MetricSummary {
    let ones = [Double](repeating: 1, count: words.count)
    let figure = Bootstrap.ratio(words, ones).map { MetricSummary.Named("mean", $0) }
    return MetricSummary(
      name: Self.name,
      figures: [figure].compactMap(\.self),
      n: words.count,
      invalid: 0
    )
  }
}

/// Tokens of prompt and completion, on average over rows, as the server counted them.
package struct Tokens: Metric {
  package static let name = "tokens"
  package static let version = 1
  package static let figures = ["completion", "prompt"]
  package static let summary = "mean number of tokens that the server counted for a row"

  private var usage = Usage()

  package init(price: Price? = nil) {}

  package mutating func add(_ row: RowResult) { usage.add(row) }

  package func result() -> MetricSummary {
    let figures = [
      Bootstrap.ratio(usage.completion, usage.known).map {
        MetricSummary.Named("completion", $0)
      },
      Bootstrap.ratio(usage.prompt, usage.known).map { MetricSummary.Named("prompt", $0) },
    ]
    return MetricSummary(
      name: Self.name,
      figures: figures.compactMap(\.self),
      n: usage.known.count,
      invalid: usage.unknown
    )
  }
}

/// What a thousand rows cost in USD: tokens times price.
///
/// Without a price, or where no server counted, it is unknown and has no figure: never zero.
package struct Cost: Metric {
  package static let name = "cost"
  package static let version = 1
  package static let figures = ["per_thousand"]
  package static let summary = "USD for a thousand rows at the model's price"

  private let price: Price?
  private var usage = Usage()

  package init(price: Price?) { self.price = price }

  package mutating func add(_ row: RowResult) { usage.add(row) }

  package func result() -> MetricSummary {
    let costs = zip(usage.prompt, usage.completion).map { prompt, completion in
      (prompt * (price?.input ?? 0) + completion * (price?.output ?? 0)) / 1_000_000 * 1000
    }
    let figure = price.flatMap { _ in Bootstrap.ratio(costs, usage.known) }
      .map { MetricSummary.Named("per_thousand", $0) }
    return MetricSummary(
      name: Self.name,
      figures: [figure].compactMap(\.self),
      n: usage.known.count,
      invalid: price == nil ? usage.known.count : usage.unknown
    )
  }
}

/// The token counts of rows; a row whose usage is unknown counts in no mean.
private struct Usage {
  var prompt: [Double] = []
  var completion: [Double] = []
  var known: [Double] = []

  var unknown: Int { known.count { $0 == 0 } }

  mutating func add(_ row: RowResult) {
    let isKnown = row.promptTokens != nil && row.completionTokens != nil
    prompt.append(isKnown ? Double(row.promptTokens ?? 0) : 0)
    completion.append(isKnown ? Double(row.completionTokens ?? 0) : 0)
    known.append(isKnown ? 1 : 0)
  }
}
