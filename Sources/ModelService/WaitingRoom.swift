import Synchronization

/// Tasks that wait until something happens that concerns them, in the order in which they came.
final class WaitingRoom<Topic: Hashable & Sendable>: Sendable {
  private struct Waiter {
    let id: UInt64
    let topic: Topic
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var waiters: [Waiter] = []
    var nextID: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Returns once the topic is called, at once if there is nothing to wait for.
  ///
  /// - Parameters:
  ///   - topic: What to wait for.
  ///   - mustWait: Asked under the lock that `wake` takes: so what it looks at must change before
  ///     `wake` is called, and then no call is missed.
  /// - Throws: `CancellationError` if the task is cancelled before that.
  func wait(for topic: Topic, while mustWait: () -> Bool) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation {
        (continuation: CheckedContinuation<Void, any Error>) in
        let result: Result<Void, any Error>? = state.withLock { state in
          guard !Task.isCancelled else { return .failure(CancellationError()) }
          guard mustWait() else { return .success(()) }
          state.waiters.append(Waiter(id: id, topic: topic, continuation: continuation))
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return state.waiters.remove(at: index)
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Lets those go on who wait for the topic: all, or the first so many.
  func wake(_ topic: Topic, atMost count: Int = .max) {
    let woken = state.withLock { state -> [Waiter] in
      guard !state.waiters.isEmpty else { return [] }
      var woken: [Waiter] = []
      state.waiters.removeAll { waiter in
        guard woken.count < count, waiter.topic == topic else { return false }
        woken.append(waiter)
        return true
      }
      return woken
    }
    for waiter in woken { waiter.continuation.resume() }
  }
}
