import Synchronization

/// Who waits for money: a budget that is all reserved may have some again when a call in flight
/// turns out to cost less than it could have.
final class SpendingGate: Sendable {
  private enum Topic { case settled }

  private let inFlight = Mutex(0)
  private let room = WaitingRoom<Topic>()

  /// Notes a call that is about to be claimed: its worst case may be reserved from here on.
  func begin() { inFlight.withLock { $0 += 1 } }

  /// Notes that the call is settled, and lets the next who waits look again.
  func end() { leave(waking: 1) }

  /// Notes that the call was not claimed: no money comes free by that.
  func cancel() { leave(waking: 0) }

  private func leave(waking count: Int) {
    let left = inFlight.withLock { count in
      count -= 1
      return count
    }
    // Behind the last one nobody else would wake the rest.
    room.wake(.settled, atMost: left == 0 ? .max : count)
  }

  /// Returns when a call that was in flight has ended.
  ///
  /// - Returns: False if there is none to wait for.
  func waitForEnd() async throws -> Bool {
    guard inFlight.withLock({ $0 }) > 0 else { return false }
    try await room.wait(for: .settled) { inFlight.withLock { $0 } > 0 }
    return true
  }
}
