package import Transfer

/// What an answer's headers say about the service's limits: `x-ratelimit-…`.
///
/// OpenAI gives the time until a bucket is full as a duration (`6m0s`, `12ms`); Azure and others
/// give whole seconds until a window ends, sometimes -1 or 0 for "not known".
package struct RateHeaders: Equatable, Sendable {
  package struct Quota: Equatable, Sendable {
    package var limit: Double?
    package var remaining: Double?
    package var reset: Reset?

    package init(limit: Double? = nil, remaining: Double? = nil, reset: Reset? = nil) {
      self.limit = limit
      self.remaining = remaining
      self.reset = reset
    }
  }

  package enum Reset: Equatable, Sendable {
    /// Filled steadily, full after so many seconds.
    case steady(Double)
    /// Full at once after so many seconds, and not before.
    case window(Double)
  }

  package var requests = Quota()
  package var tokens = Quota()

  /// Nil if the answer says nothing of limits.
  package init?(_ response: HTTPResponse) {
    requests = Quota(response, "requests")
    tokens = Quota(response, "tokens")
    if requests == Quota(), tokens == Quota() { return nil }
  }

  package init(requests: Quota = Quota(), tokens: Quota = Quota()) {
    self.requests = requests
    self.tokens = tokens
  }
}

extension RateHeaders.Quota {
  fileprivate init(_ response: HTTPResponse, _ what: String) {
    limit = response.header("x-ratelimit-limit-\(what)").flatMap(Self.number)
    remaining = response.header("x-ratelimit-remaining-\(what)").flatMap(Self.number)
    reset = response.header("x-ratelimit-reset-\(what)").flatMap(RateHeaders.Reset.init)
    if limit == 0 { limit = nil }
  }

  /// Below zero is "not known"; beyond 10¹⁵ is no count.
  private static func number(_ text: String) -> Double? {
    guard let value = Double(text), value >= 0, value <= 1e15 else { return nil }
    return value
  }
}

extension RateHeaders.Reset {
  /// Reads `6m0s`, `1.5s`, `12ms`, or whole seconds; nil for what is none, or no time ahead.
  init?(_ text: String) {
    if let seconds = Double(text) {
      // Longer windows are moments since 1970, or other things.
      guard seconds > 0, seconds <= 86_400 else { return nil }
      self = .window(seconds)
      return
    }
    guard let seconds = Self.duration(text) else { return nil }
    self = .steady(seconds)
  }

  /// Seconds of a duration in Go's form: numbers, each with its unit.
  private static func duration(_ text: String) -> Double? {
    let units = [
      "d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9,
    ]
    var rest = text[...]
    var sum = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest[digits.endIndex...]
      let unit = rest.prefix { !$0.isNumber && $0 != "." }
      rest = rest[unit.endIndex...]
      guard let value = Double(digits), let factor = units[String(unit)] else { return nil }
      sum += value * factor
    }
    return sum.isFinite && sum <= 365 * 86_400 ? sum : nil
  }
}
