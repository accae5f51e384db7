import Synchronization

/// Who waits for money: a budget that is all reserved may have some again when a call in flight
/// turns out to cost less than it could have.
final class SpendingGate: Sendable {
  private enum Topic { case settled }

  private struct State {
    var inFlight = 0
    /// Calls settled so far: whoever was refused before the latest may find money now.
    var settled = 0
  }

  private let state = Mutex(State())
  private let room = WaitingRoom<Topic>()

  /// Notes a call that is about to be claimed: its worst case may be reserved from here on.
  func begin() { state.withLock { $0.inFlight += 1 } }

  /// Notes that the call is settled, and lets the next who waits look again.
  func end() { leave(settling: 1) }

  /// Notes that the call was not claimed: no money comes free by that.
  func cancel() { leave(settling: 0) }

  /// How many calls were settled so far, to be asked for before a claim.
  var settled: Int { state.withLock { $0.settled } }

  private func leave(settling count: Int) {
    let left = state.withLock { state in
      state.inFlight -= 1
      state.settled += count
      return state.inFlight
    }
    // Behind the last one nobody else would wake the rest.
    room.wake(.settled, atMost: left == 0 ? .max : count)
  }

  /// Returns when a call has ended that was in flight when there were so many settled ones.
  ///
  /// - Returns: False if there is none to wait for.
  func waitForEnd(since settled: Int) async throws -> Bool {
    let isHopeless = state.withLock { $0.settled == settled && $0.inFlight == 0 }
    if isHopeless { return false }
    try await room.wait(for: .settled) {
      state.withLock { $0.settled == settled && $0.inFlight > 0 }
    }
    return true
  }
}
