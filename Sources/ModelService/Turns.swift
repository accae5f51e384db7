import Primitives
import Synchronization

/// One at a time for each key; different keys do not wait for each other.
final class Turns: Sendable {
  private let taken = Mutex<Set<Digest>>([])
  private let room = WaitingRoom<Digest>()

  /// Runs the body while nobody else has the key's turn.
  ///
  /// - Throws: `CancellationError` while it waits, or what the body throws.
  func withTurn<Value>(for key: Digest, _ body: () async throws -> Value) async throws -> Value {
    // Almost always nobody has it: then nothing is allocated and nobody is woken.
    while !taken.withLock({ $0.insert(key).inserted }) {
      try await room.wait(for: key) { taken.withLock { $0.contains(key) } }
    }
    defer {
      taken.withLock { _ = $0.remove(key) }
      room.wake(key)
    }
    return try await body()
  }
}
