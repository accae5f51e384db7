import Primitives

/// Prices in US dollars per million tokens, by model.
struct PriceTable: Sendable {
  struct Price: Sendable {
    let input: Double
    let output: Double
    /// Of trained tokens; nil is unknown.
    let training: Double?
  }

  private var byModel: [String: Price] = [:]
  private var others: Price?

  /// Reads `IN/OUT[/TRAINING]`, for all models, or `MODEL=IN/OUT[/TRAINING]`; nil where one is not
  /// of this form.
  init?(_ texts: [String]) {
    for text in texts {
      let sides = text.split(separator: "=", maxSplits: 1)
      let numbers = (sides.last ?? "").split(separator: "/").map { Double($0) }
      guard 2...3 ~= numbers.count, let input = numbers[0], let output = numbers[1] else {
        return nil
      }
      let price = Price(
        input: input,
        output: output,
        training: numbers.count == 3 ? numbers[2] : nil
      )
      if sides.count == 2 { byModel[String(sides[0])] = price } else { others = price }
    }
  }

  subscript(model: String) -> Price? { byModel[model] ?? others }
}
