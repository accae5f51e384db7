extension RateLimiter.State {
  /// Refuses a request that the buckets had no room for.
  func refusal(_ dialect: Route.Dialect) -> Reply {
    let seconds = Int(wait.rounded(.up))
    let error =
      switch dialect {
      case .openAI:
        ServiceError(
          status: 429,
          message: "Rate limit reached. Please try again in \(Self.duration(wait)).",
          type: requests < 1 ? "requests" : "tokens",
          code: "rate_limit_exceeded"
        )
      case .azure:
        ServiceError(
          status: 429,
          message: "Requests have exceeded the call rate limit of your current pricing tier. "
            + "Please retry after \(seconds) seconds."
        )
      }
    var reply = error.reply(dialect)
    reply.setHeader("Retry-After", String(seconds))
    reply.setHeader("retry-after-ms", String(Int((wait * 1_000).rounded(.up))))
    return reply
  }

  /// Tells what is left, in either dialect's form.
  ///
  /// OpenAI's resets are durations, `6m0s` or `12ms`; Azure's are whole seconds.
  func describe(in reply: inout Reply, _ dialect: Route.Dialect) {
    reply.setHeader("x-ratelimit-limit-requests", String(limits.requests))
    reply.setHeader("x-ratelimit-limit-tokens", String(limits.tokens))
    reply.setHeader("x-ratelimit-remaining-requests", String(Int(requests)))
    reply.setHeader("x-ratelimit-remaining-tokens", String(Int(tokens)))
    for (name, seconds) in [("requests", requestsReset), ("tokens", tokensReset)] {
      let text =
        switch dialect {
        case .openAI: Self.duration(seconds)
        case .azure: String(Int(seconds.rounded(.up)))
        }
      reply.setHeader("x-ratelimit-reset-\(name)", text)
    }
  }

  /// `12ms`, `1.5s`, `6m0s`.
  private static func duration(_ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1_000).rounded(.up))
    if milliseconds < 1_000 { return "\(milliseconds)ms" }
    if milliseconds < 60_000 { return "\(Double(milliseconds) / 1_000)s" }
    let whole = Int(seconds.rounded(.up))
    return "\(whole / 60)m\(whole % 60)s"
  }
}
