import Store

extension RateBucket {
  /// Makes it a limit that fills steadily; one that changed keeps what is owed.
  mutating func limit(perSecond rate: Double, atOnce: Double, now: Int64) {
    guard capacity != atOnce || perSecond != rate else { return }
    level = capacity == 0 ? atOnce : min(level, atOnce)
    capacity = atOnce
    perSecond = rate
    updatedAt = now
  }

  /// Takes an amount, on credit if need be.
  ///
  /// What exceeds the capacity can never be there at once: then a full bucket is enough, and the
  /// rest is owed.
  ///
  /// - Returns: When it is there, in nanoseconds; not before `now`.
  mutating func take(_ amount: Double, now: Int64) -> Int64 {
    guard capacity > 0 else { return now }
    refill(now: now)
    let missing = min(amount, capacity) - level
    level -= amount
    return missing <= 0 ? now : moment(missing, now: now)
  }

  /// Whether what was taken on credit is there by now.
  mutating func hasPaid(for amount: Double, now: Int64) -> Bool {
    guard capacity > 0 else { return true }
    refill(now: now)
    return level >= min(amount, capacity) - amount
  }

  /// Gives back what was not used.
  mutating func give(_ amount: Double) {
    guard capacity > 0 else { return }
    level = min(capacity, level + amount)
  }

  /// Takes over what the service says of its own bucket.
  ///
  /// - Parameters:
  ///   - quota: What it said with an answer.
  ///   - sentSince: What was sent after the request that brought the answer: the service may not
  ///     have counted it yet.
  ///   - now: Nanoseconds of the clock.
  mutating func learn(_ quota: RateHeaders.Quota, sentSince: Double, now: Int64) {
    guard let remaining = quota.remaining else { return }
    let limit = max(quota.limit ?? capacity, remaining, 1)
    perSecond = 0
    fullAt = 0
    switch quota.reset {
    case .none where remaining == 0 && quota.limit == nil:
      // Nothing left, of nobody knows what, until nobody knows when: no limit can be made of that.
      self = RateBucket()
      return
    case .none: perSecond = limit / 60
    case .steady(let reset):
      // Full by then: so this much flows until then, whatever the service's minute is.
      perSecond = reset > 0 && limit > remaining ? (limit - remaining) / reset : limit / 60
    case .window(let reset): fullAt = now + Int64(reset * 1e9)
    }
    capacity = limit
    level = remaining - sentSince
    updatedAt = now
  }

  private mutating func refill(now: Int64) {
    if fullAt > 0, now >= fullAt {
      level = capacity
      fullAt = 0
    }
    let seconds = Double(max(0, now - updatedAt)) / 1e9
    level = min(capacity, level + seconds * perSecond)
    updatedAt = max(now, updatedAt)
  }

  /// When so much more will have flowed in; now if nothing is known to flow.
  private func moment(_ missing: Double, now: Int64) -> Int64 {
    // Ten years are as good as never, and fit.
    let steady = perSecond > 0 ? now + Int64(min(missing / perSecond, 3e8) * 1e9) : nil
    let window = fullAt > 0 ? max(fullAt, now) : nil
    return min(steady ?? window ?? now, window ?? steady ?? now)
  }
}
