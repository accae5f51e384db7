import Store
import Synchronization

extension Lane {
  /// Somebody who is to go on, once the lock is let go.
  struct Departure {
    let waiter: Waiter
    let result: Result<Permit, any Error>
  }

  /// Changes the state under its lock, then lets those go on whom that concerns.
  func perform(_ body: (inout State, Int64) -> [Departure]) {
    let now = time.nanoseconds
    let departures = state.withLock { body(&$0, now) }
    for departure in departures { departure.waiter.continuation.resume(with: departure.result) }
  }

  /// A permit for now, if nobody waits and there is a place; nil if one must wait.
  func acquireAtOnce(_ tokens: Int) throws -> Permit? {
    let now = time.nanoseconds
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      guard state.queue.isEmpty, state.pending == nil, now >= state.floor.own else { return nil }
      guard let permit = admit(tokens, &state, now: now) else { return nil }
      guard max(permit.readyAt, state.floor.own) <= now else {
        // Its moment is to come, and it is not this task that waits for it.
        settle(permit, .unused, now: now)
        return nil
      }
      state.inFlight += 1
      return permit
    }
  }

  /// Takes its place in the order.
  func enter(_ waiter: Waiter) {
    perform { state, now in
      if let failure = state.failure { return [.init(waiter: waiter, result: .failure(failure))] }
      guard !state.cancelled.contains(waiter.ticket) else {
        return [.init(waiter: waiter, result: .failure(CancellationError()))]
      }
      let index = state.queue.lastIndex { $0.ticket < waiter.ticket }.map { $0 + 1 } ?? 0
      state.queue.insert(waiter, at: index)
      return pump(&state, now: now)
    }
  }

  func cancel(_ ticket: UInt64) {
    perform { state, now in
      var waiter: Waiter?
      if state.pending?.waiter.ticket == ticket {
        waiter = withdraw(&state, now: now)
      } else if let index = state.queue.firstIndex(where: { $0.ticket == ticket }) {
        waiter = state.queue.remove(at: index)
      } else {
        state.cancelled.insert(ticket)
      }
      guard let waiter else { return [] }
      return [.init(waiter: waiter, result: .failure(CancellationError()))]
        + pump(&state, now: now)
    }
  }

  /// Lets go whoever may, in order, and sees to it that somebody looks again when there is reason.
  func pump(_ state: inout State, now: Int64) -> [Departure] {
    var departures: [Departure] = []
    while state.failure == nil {
      if let (waiter, permit) = state.pending {
        let moment = moment(of: permit, &state, now: now)
        guard moment <= now else {
          wake(&state, at: moment, now: now)
          break
        }
        state.pending = nil
        departures.append(depart(waiter, permit, &state, now: now))
      }
      guard let first = state.queue.first else {
        stopWaiting(&state, now: now)
        break
      }
      guard let permit = admit(first.tokens, &state, now: now) else { break }
      state.queue.removeFirst()
      if max(permit.readyAt, state.floor.own) <= now {
        departures.append(depart(first, permit, &state, now: now))
      } else {
        state.pending = (first, permit)
      }
    }
    return departures
  }

  private func depart(
    _ waiter: Waiter,
    _ permit: Permit,
    _ state: inout State,
    now: Int64
  ) -> Departure {
    var permit = permit
    permit.sentAt = now
    state.inFlight += 1
    return Departure(waiter: waiter, result: .success(permit))
  }

  /// Takes the place back from the one who waits for its moment.
  func withdraw(_ state: inout State, now: Int64) -> Waiter? {
    guard let (waiter, permit) = state.pending else { return nil }
    state.pending = nil
    settle(permit, .unused, now: now)
    return waiter
  }

  // MARK: On the shared rates

  func settle(_ permit: Permit, _ report: SendReport, now: Int64) {
    page.update(now: now) { sheet, share, others in
      governor.settle(permit, report, &sheet, &share, others, now: now)
    }
  }

  /// A place in flight; without one, whoever is to look again is told so.
  private func admit(_ tokens: Int, _ state: inout State, now: Int64) -> Permit? {
    var areOthersInTheWay = false
    var blockedUntil: Int64 = 0
    let permit = page.update(now: now) { sheet, share, others -> Permit? in
      blockedUntil = sheet.blockedUntil
      if let permit = governor.admit(tokens: tokens, &sheet, &share, others, now: now) {
        return permit
      }
      areOthersInTheWay = Int(share.inFlight) + others.inFlight > state.inFlight
      if areOthersInTheWay, !state.isWaiting {
        share.waiting += 1
        state.isWaiting = true
      }
      return nil
    }
    heed(blockedUntil, &state, now: now)
    // When an own call ends, `release` looks; when another's does, nobody says so.
    if areOthersInTheWay { wake(&state, at: now + Self.lookForPlaceEvery, now: now) }
    return permit
  }

  func stopWaiting(_ state: inout State, now: Int64) {
    guard state.isWaiting else { return }
    state.isWaiting = false
    page.update(now: now) { _, share, _ in share.waiting = max(0, share.waiting - 1) }
  }

  /// When a call that has its place may go: not before the buckets allow it, nor before the service
  /// wants to be asked again.
  private func moment(of permit: Permit, _ state: inout State, now: Int64) -> Int64 {
    let (isPaid, blockedUntil) = page.update(now: now) { sheet, _, _ in
      (governor.isPaid(permit, &sheet, now: now), sheet.blockedUntil)
    }
    heed(blockedUntil, &state, now: now)
    return max(isPaid ? now : permit.readyAt, state.floor.own)
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
    perform { state, now in
      if state.timer?.deadline == deadline { state.timer = nil }
      return pump(&state, now: now)
    }
  }
}
