package import Primitives

/// What a model's tokens cost, in US dollars per million; nil is unknown, which is not zero.
package struct Pricing: Hashable, Sendable {
  package var input: Double?
  package var output: Double?
  /// For tokens that a fine-tuning job trains on.
  package var training: Double?
  /// What a call costs by the batch API, as a share of its price online.
  package var batchShare: Double
  /// When the prices were looked up, as the workflow says it (`2026-11-01`).
  package var asOf: String?

  package init(
    input: Double? = nil,
    output: Double? = nil,
    training: Double? = nil,
    batchShare: Double = 0.5,
    asOf: String? = nil
  ) {
    self.input = input
    self.output = output
    self.training = training
    self.batchShare = batchShare
    self.asOf = asOf
  }

  /// For models that the tool serves itself.
  package static let free = Pricing(input: 0, output: 0, training: 0)

  /// What a call cost by the tokens that the service counted.
  ///
  /// - Returns: Nil if a price or a count is unknown.
  package func cost(of usage: Answer.Usage) -> Money? {
    guard let input, let output else { return nil }
    // Free is free however many tokens it took, and however few were counted.
    if input == 0, output == 0 { return .zero }
    guard let prompt = usage.promptTokens, let completion = usage.completionTokens else {
      return nil
    }
    return Money(tokens: prompt, perMillion: input) + Money(tokens: completion, perMillion: output)
  }

  /// The most that a call can cost.
  ///
  /// - Returns: Nil if a price is unknown, or the request has no token limit.
  package func worstCase(of request: LogicalRequest) -> Money? {
    guard let input, let output else { return nil }
    if input == 0, output == 0 { return .zero }
    guard let limit = request.decoding.maxTokens else { return nil }
    return Money(tokens: request.promptTokenBound, perMillion: input)
      + Money(tokens: limit, perMillion: output)
  }

  /// The same prices for the batch API.
  package var inBatch: Pricing {
    var pricing = self
    pricing.input = input.map { $0 * batchShare }
    pricing.output = output.map { $0 * batchShare }
    return pricing
  }
}

extension LogicalRequest {
  /// A bound of the prompt's tokens that holds for every tokenizer which covers each byte of the
  /// text with at most one token: the bytes of all messages, with room for what a chat template
  /// puts around each message (16) and before all of them (64).
  package var promptTokenBound: Int {
    messages.reduce(64) { $0 + $1.content.utf8.count + 16 }
  }
}
