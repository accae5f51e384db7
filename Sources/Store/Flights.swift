import Primitives
import Synchronization

/// The calls that this process is making: a second task that wants one waits for the first.
final class Flights: Sendable {
  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var waiters: [Digest: [Waiter]] = [:]
    var nextID: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Begins a flight; false if there is one already.
  func begin(_ key: Digest) -> Bool {
    state.withLock { state in
      guard state.waiters[key] == nil else { return false }
      state.waiters[key] = []
      return true
    }
  }

  /// How many calls are under way.
  var count: Int { state.withLock { $0.waiters.count } }

  /// Ends a flight: those who wait for it look again.
  ///
  /// Ending none does no harm.
  func end(_ key: Digest) {
    let waiters = state.withLock { $0.waiters.removeValue(forKey: key) ?? [] }
    for waiter in waiters { waiter.continuation.resume() }
  }

  /// Returns when the flight has ended, at once if there is none.
  ///
  /// - Throws: `CancellationError` if the task is cancelled before that.
  func wait(for key: Digest) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation {
        (continuation: CheckedContinuation<Void, any Error>) in
        // Both looks happen under the lock, so neither an end nor a cancellation can slip between.
        let result: Result<Void, any Error>? = state.withLock { state in
          guard !Task.isCancelled else { return .failure(CancellationError()) }
          guard state.waiters[key] != nil else { return .success(()) }
          state.waiters[key]?.append(Waiter(id: id, continuation: continuation))
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiters[key]?.firstIndex(where: { $0.id == id }) else { return nil }
        return state.waiters[key]?.remove(at: index)
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }
}
