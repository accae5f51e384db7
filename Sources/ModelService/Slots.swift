import Synchronization

/// A number of places, given out in the order in which they are asked for.
final class Slots: Sendable {
  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var free: Int
    var waiters: [Waiter] = []
    var nextID: UInt64 = 0
    /// Tasks cancelled before they came to wait.
    var cancelled: Set<UInt64> = []
    var failure: (any Error)?
  }

  private let state: Mutex<State>

  init(_ count: Int) {
    state = Mutex(State(free: count))
  }

  /// Runs the body in a place of its own.
  ///
  /// - Throws: `CancellationError` while it waits, what `fail` was given, or what the body throws.
  func withSlot<Value>(_ body: () async throws -> Value) async throws -> Value {
    try await acquire()
    defer { release() }
    return try await body()
  }

  /// Lets everybody who waits, now and later, fail with the error; the first one counts.
  func fail(_ error: any Error) {
    let waiters = state.withLock { state in
      if state.failure == nil { state.failure = error }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(throwing: error) }
  }

  /// Throws what `fail` was given, if anything.
  func check() throws {
    if let failure = state.withLock(\.failure) { throw failure }
  }

  private func acquire() async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    defer { state.withLock { _ = $0.cancelled.remove(id) } }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enter(Waiter(id: id, continuation: continuation))
      }
    } onCancel: {
      cancel(id)
    }
  }

  /// Takes a free place, or waits for one.
  private func enter(_ waiter: Waiter) {
    let result: Result<Void, any Error>? = state.withLock { state in
      if let failure = state.failure { return .failure(failure) }
      if state.cancelled.contains(waiter.id) { return .failure(CancellationError()) }
      guard state.free == 0 else {
        state.free -= 1
        return .success(())
      }
      state.waiters.append(waiter)
      return nil
    }
    if let result { waiter.continuation.resume(with: result) }
  }

  private func cancel(_ id: UInt64) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
        state.cancelled.insert(id)
        return nil
      }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(throwing: CancellationError())
  }

  /// Hands the place to the next who waits.
  private func release() {
    let next = state.withLock { state -> Waiter? in
      guard !state.waiters.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiters.removeFirst()
    }
    next?.continuation.resume()
  }
}
