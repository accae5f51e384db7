package import Store

/// How many calls of a model may be in flight, and when the next may go: rules on a `RateSheet`,
/// without clock or I/O.
///
/// In flight at once: 16 to begin with. Each answer that comes while at least half of the places
/// are in use adds a place, until the service first complains (429); after that a whole round of
/// answers adds one. A complaint takes away a fifth, but only if the call was sent after the last
/// such cut and two seconds passed since, so that one burst of complaints counts once. Errors of
/// the server (5xx) change nothing: they say nothing about how hard it may be used.
///
/// Requests and tokens a minute: as the user states them and as the service's headers say, each a
/// bucket. Tokens are taken for the worst case and corrected by what the service counted.
package struct Governor: Sendable {
  package let limits: CallLimits

  package init(limits: CallLimits) {
    self.limits = limits
  }

  package static let startingConcurrency = 16
  static let shareKeptByCut = 0.8
  static let leastTimeBetweenCuts: Int64 = 2_000_000_000
  /// Headers are hints: what they say delays a call by a minute at most; a 429 is the truth.
  static let longestLearntWait: Int64 = 60_000_000_000

  /// The right to send one call, paid for in the buckets.
  package struct Permit: Sendable {
    /// What the call may use at most.
    let tokens: Double
    /// When the buckets have what it takes.
    package var readyAt: Int64
    package var sentAt: Int64
    /// The sheet's counters behind this call.
    let requestsSent: Double
    let tokensSent: Double
  }

  /// Gives a place in flight, if there is one.
  package func admit(
    tokens: Int,
    _ sheet: inout RateSheet,
    _ share: inout RateShare,
    _ others: RateOthers,
    now: Int64
  ) -> Permit? {
    prepare(&sheet, now: now)
    guard hasPlace(sheet, share, others) else { return nil }
    share.inFlight += 1
    let tokens = Double(tokens)
    sheet.requestsSent += 1
    sheet.tokensSent += tokens
    let stated = max(
      sheet.statedRequests.take(1, now: now),
      sheet.statedTokens.take(tokens, now: now)
    )
    let learnt = max(
      sheet.learntRequests.take(1, now: now),
      sheet.learntTokens.take(tokens, now: now)
    )
    return Permit(
      tokens: tokens,
      readyAt: max(stated, min(learnt, now + Self.longestLearntWait)),
      sentAt: now,
      requestsSent: sheet.requestsSent,
      tokensSent: sheet.tokensSent
    )
  }

  /// Whether a permit's call may go: its moment has come, or others used less than they took.
  package func isPaid(_ permit: Permit, _ sheet: inout RateSheet, now: Int64) -> Bool {
    guard now < permit.readyAt else { return true }
    return sheet.statedRequests.hasPaid(for: 1, now: now)
      && sheet.statedTokens.hasPaid(for: permit.tokens, now: now)
      && sheet.learntRequests.hasPaid(for: 1, now: now)
      && sheet.learntTokens.hasPaid(for: permit.tokens, now: now)
  }

  /// Takes the place back and learns from what became of the call.
  package func settle(
    _ permit: Permit,
    _ report: SendReport,
    _ sheet: inout RateSheet,
    _ share: inout RateShare,
    _ others: RateOthers,
    now: Int64
  ) {
    let inFlight = Int(share.inFlight) + others.inFlight
    share.inFlight = max(0, share.inFlight - 1)
    switch report.effect {
    case .unused:
      sheet.giveRequest()
      sheet.giveTokens(permit.tokens)
    case .answered:
      if let used = report.tokens { sheet.giveTokens(permit.tokens - Double(used)) }
      grow(&sheet, inFlight: inFlight)
    case .tooMany:
      sheet.giveTokens(permit.tokens)
      cut(&sheet, sentAt: permit.sentAt, now: now)
    case .refused: sheet.giveTokens(permit.tokens)
    case .inDoubt: break
    }
    if let headers = report.headers { learn(headers, permit, &sheet, now: now) }
    if let wait = report.wait { sheet.blockedUntil = max(sheet.blockedUntil, now + wait) }
  }

  // MARK: Requests and tokens

  /// Puts the user's limits on the sheet, if they are not there.
  private func prepare(_ sheet: inout RateSheet, now: Int64) {
    if sheet.concurrency < 1 {
      sheet.concurrency = Double(min(Self.startingConcurrency, limits.concurrency))
    }
    if let requests = limits.requestsPerMinute.map(Double.init) {
      // A tenth of a second's worth at once, since timers are no finer than some milliseconds. It
      // comes out of the steady flow: no minute sees more than the limit.
      let atOnce = max(1, (requests / 600).rounded(.down))
      let rate = (requests - atOnce + 1) / 60
      sheet.statedRequests.limit(perSecond: rate, atOnce: atOnce, now: now)
    }
    if let tokens = limits.tokensPerMinute.map(Double.init) {
      // Half a minute's worth at once: the worst cases of all calls in flight must find room in it,
      // and most of it flows back. Providers count likewise, with a whole minute's worth.
      sheet.statedTokens.limit(perSecond: tokens / 60, atOnce: max(1, tokens / 2), now: now)
    }
  }

  private func learn(
    _ headers: RateHeaders,
    _ permit: Permit,
    _ sheet: inout RateSheet,
    now: Int64
  ) {
    sheet.learntRequests.learn(
      headers.requests,
      sentSince: max(0, sheet.requestsSent - permit.requestsSent),
      now: now
    )
    sheet.learntTokens.learn(
      headers.tokens,
      sentSince: max(0, sheet.tokensSent - permit.tokensSent),
      now: now
    )
  }

  // MARK: Places in flight

  private func hasPlace(_ sheet: RateSheet, _ share: RateShare, _ others: RateOthers) -> Bool {
    let places = max(1, Int(min(sheet.concurrency, Double(limits.concurrency))))
    let own = Int(share.inFlight)
    guard own + others.inFlight < places else { return false }
    // Whoever has its fair share leaves the rest to a process that waits with less.
    let fairShare = max(1, places / (others.active + 1))
    guard let least = others.leastOfWaiting else { return true }
    return own < fairShare || least >= fairShare
  }

  private func grow(_ sheet: inout RateSheet, inFlight: Int) {
    let most = Double(limits.concurrency)
    // Another process may be allowed more than this one.
    guard sheet.concurrency < most, Double(inFlight) * 2 >= sheet.concurrency else { return }
    let step = sheet.cuts == 0 ? 1 : 1 / max(sheet.concurrency, 1)
    sheet.concurrency = min(sheet.concurrency + step, most)
  }

  private func cut(_ sheet: inout RateSheet, sentAt: Int64, now: Int64) {
    let isNew = sentAt > sheet.lastCut && now - sheet.lastCut >= Self.leastTimeBetweenCuts
    guard sheet.cuts == 0 || isNew else { return }
    let held = min(sheet.concurrency, Double(limits.concurrency))
    sheet.concurrency = max(1, held * Self.shareKeptByCut)
    sheet.cuts += 1
    sheet.lastCut = now
  }
}

extension RateSheet {
  fileprivate mutating func giveRequest() {
    statedRequests.give(1)
    learntRequests.give(1)
  }

  /// Below zero is taken: the service counted more than was thought possible.
  fileprivate mutating func giveTokens(_ amount: Double) {
    statedTokens.give(amount)
    learntTokens.give(amount)
  }
}

/// What a sending says about how hard the service may be used.
package struct SendReport: Sendable {
  package enum Effect: Sendable {
    /// Nothing was sent.
    case unused
    case answered
    /// 429.
    case tooMany
    /// Any other refusal, or the request never left.
    case refused
    case inDoubt
  }

  package let effect: Effect
  /// As the service counted them.
  package var tokens: Int?
  package var headers: RateHeaders?
  /// How long all calls are to wait, in nanoseconds.
  package var wait: Int64?

  package init(
    effect: Effect,
    tokens: Int? = nil,
    headers: RateHeaders? = nil,
    wait: Int64? = nil
  ) {
    self.effect = effect
    self.tokens = tokens
    self.headers = headers
    self.wait = wait
  }

  package static let unused = SendReport(effect: .unused)
}
