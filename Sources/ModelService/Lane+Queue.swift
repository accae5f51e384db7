import Store
import Synchronization

extension Lane {
  /// Somebody who is to go on, once the locks are let go.
  struct Departure {
    let waiter: Waiter
    let result: Result<Permit, any Error>
  }

  /// The model's rates while nobody else changes them.
  struct Rates {
    var sheet: RateSheet
    var share: RateShare
    let others: RateOthers
    let now: Int64
  }

  /// Changes state and rates under both locks, once, then lets those go on whom that concerns.
  func perform(_ body: (inout State, inout Rates) -> [Departure]) {
    let now = time.nanoseconds
    let departures = state.withLock { state in
      withRates(now: now) { rates in body(&state, &rates) }
    }
    for departure in departures { departure.waiter.continuation.resume(with: departure.result) }
  }

  private func withRates<Value>(now: Int64, _ body: (inout Rates) -> Value) -> Value {
    page.update(now: now) { sheet, share, others in
      var rates = Rates(sheet: sheet, share: share, others: others, now: now)
      defer {
        sheet = rates.sheet
        share = rates.share
      }
      return body(&rates)
    }
  }

  /// A permit at once, if nobody waits and there is a place; nil if one must wait.
  func acquireAtOnce(_ tokens: Int) throws -> Permit? {
    let now = time.nanoseconds
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      guard state.queue.isEmpty, state.pending == nil, now >= state.floor.own else { return nil }
      return withRates(now: now) { rates in
        guard let permit = admit(tokens, &state, &rates) else { return nil }
        guard max(permit.readyAt, state.floor.own) <= now else {
          // Its moment is to come, and it is not this task that waits for it.
          settle(permit, .unused, &rates)
          return nil
        }
        state.inFlight += 1
        return permit
      }
    }
  }

  /// Takes its place in the order.
  func enter(_ waiter: Waiter) {
    perform { state, rates in
      if let failure = state.failure { return [.init(waiter: waiter, result: .failure(failure))] }
      guard !state.cancelled.contains(waiter.ticket) else {
        return [.init(waiter: waiter, result: .failure(CancellationError()))]
      }
      let index = state.queue.lastIndex { $0.ticket < waiter.ticket }.map { $0 + 1 } ?? 0
      state.queue.insert(waiter, at: index)
      return pump(&state, &rates)
    }
  }

  func cancel(_ ticket: UInt64) {
    perform { state, rates in
      var waiter: Waiter?
      if state.pending?.waiter.ticket == ticket {
        waiter = withdraw(&state, &rates)
      } else if let index = state.queue.firstIndex(where: { $0.ticket == ticket }) {
        waiter = state.queue.remove(at: index)
      } else {
        state.cancelled.insert(ticket)
      }
      guard let waiter else { return [] }
      return [.init(waiter: waiter, result: .failure(CancellationError()))]
        + pump(&state, &rates)
    }
  }

  /// Lets go whoever may, in order, and sees to it that somebody looks again when there is reason.
  func pump(_ state: inout State, _ rates: inout Rates) -> [Departure] {
    var departures: [Departure] = []
    while state.failure == nil {
      if let (waiter, permit) = state.pending {
        let moment = moment(of: permit, &state, &rates)
        guard moment <= rates.now else {
          wake(&state, at: moment, now: rates.now)
          break
        }
        state.pending = nil
        departures.append(depart(waiter, permit, &state, rates))
      }
      guard let first = state.queue.first else {
        stopWaiting(&state, &rates)
        break
      }
      guard let permit = admit(first.tokens, &state, &rates) else { break }
      state.queue.removeFirst()
      state.pending = (first, permit)
    }
    return departures
  }

  private func depart(
    _ waiter: Waiter,
    _ permit: Permit,
    _ state: inout State,
    _ rates: Rates
  ) -> Departure {
    var permit = permit
    permit.sentAt = rates.now
    state.inFlight += 1
    return Departure(waiter: waiter, result: .success(permit))
  }

  /// Takes the place back from the one who waits for its moment.
  func withdraw(_ state: inout State, _ rates: inout Rates) -> Waiter? {
    guard let (waiter, permit) = state.pending else { return nil }
    state.pending = nil
    settle(permit, .unused, &rates)
    return waiter
  }

  // MARK: On the shared rates

  func settle(_ permit: Permit, _ report: SendReport, _ rates: inout Rates) {
    governor.settle(
      permit,
      report,
      &rates.sheet,
      &rates.share,
      rates.others,
      now: rates.now
    )
  }

  /// A place in flight; without one, whoever is to look again is told so.
  private func admit(_ tokens: Int, _ state: inout State, _ rates: inout Rates) -> Permit? {
    heed(rates.sheet.blockedUntil, &state, now: rates.now)
    let permit = governor.admit(
      tokens: tokens,
      &rates.sheet,
      &rates.share,
      rates.others,
      now: rates.now
    )
    if let permit { return permit }
    // When an own call ends, `release` looks; when another's does, nobody says so.
    if Int(rates.share.inFlight) + rates.others.inFlight > state.inFlight {
      wake(&state, at: rates.now + Self.lookForPlaceEvery, now: rates.now)
      if !state.isWaiting {
        state.isWaiting = true
        rates.share.waiting += 1
      }
    }
    return nil
  }

  func stopWaiting(_ state: inout State, _ rates: inout Rates) {
    guard state.isWaiting else { return }
    state.isWaiting = false
    rates.share.waiting = max(0, rates.share.waiting - 1)
  }

  /// When a call that has its place may go: not before the buckets allow it, nor before the service
  /// wants to be asked again.
  private func moment(of permit: Permit, _ state: inout State, _ rates: inout Rates) -> Int64 {
    heed(rates.sheet.blockedUntil, &state, now: rates.now)
    let isPaid = governor.isPaid(permit, &rates.sheet, now: rates.now)
    return max(isPaid ? rates.now : permit.readyAt, state.floor.own)
  }

  /// Takes over a moment before which the service wants no call.
  ///
  /// Each process adds a little of its own to it, up to a quarter of the wait and 5 s, so that they
  /// do not come back together.
  private func heed(_ blockedUntil: Int64, _ state: inout State, now: Int64) {
    guard blockedUntil > state.floor.shared else { return }
    let spread = min(Double(max(0, blockedUntil - now)) / 4, 5e9)
    let own = blockedUntil + Int64(spread * time.jitter())
    state.floor = (blockedUntil, max(own, state.floor.own))
  }

  /// Looks again at that moment, unless somebody does before.
  private func wake(_ state: inout State, at deadline: Int64, now: Int64) {
    if let timer = state.timer, timer.deadline <= deadline { return }
    state.timer?.task.cancel()
    let task = Task { [weak self, time] in
      try? await time.sleep(.nanoseconds(deadline - now))
      guard !Task.isCancelled else { return }
      self?.timerEnded(deadline)
    }
    state.timer = (deadline, task)
  }

  private func timerEnded(_ deadline: Int64) {
    perform { state, rates in
      if state.timer?.deadline == deadline { state.timer = nil }
      return pump(&state, &rates)
    }
  }
}
