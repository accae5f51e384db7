/// How hard a model's endpoint may be used.
package struct CallLimits: Hashable, Sendable {
  /// Calls in flight at once; at least 1.
  package var concurrency: Int
  package var requestsPerMinute: Int?

  package init(concurrency: Int = 16, requestsPerMinute: Int? = nil) {
    precondition(concurrency > 0, "BUG: a model with \(concurrency) calls at once answers none")
    self.concurrency = concurrency
    self.requestsPerMinute = requestsPerMinute
  }
}
