/// How hard a model's endpoint may be used, by all processes of a store together.
package struct CallLimits: Hashable, Sendable {
  /// Calls in flight at once, at most; at least 1.
  package var concurrency: Int
  package var requestsPerMinute: Int?
  /// Tokens of prompts and answers together.
  package var tokensPerMinute: Int?

  package init(
    concurrency: Int = 16,
    requestsPerMinute: Int? = nil,
    tokensPerMinute: Int? = nil
  ) {
    precondition(concurrency > 0, "BUG: a model with \(concurrency) calls at once answers none")
    self.concurrency = concurrency
    self.requestsPerMinute = requestsPerMinute
    self.tokensPerMinute = tokensPerMinute
  }
}
