import Primitives
import Synchronization

/// One at a time for each key; different keys do not wait for each other.
final class Turns: Sendable {
  private struct Entry {
    let slots = Slots(1)
    var users = 0
  }

  private let entries = Mutex<[Digest: Entry]>([:])

  /// Runs the body while nobody else has the key's turn.
  func withTurn<Value>(for key: Digest, _ body: () async throws -> Value) async throws -> Value {
    let slots = entries.withLock { entries in
      entries[key, default: Entry()].users += 1
      return entries[key, default: Entry()].slots
    }
    defer { leave(key) }
    return try await slots.withSlot(body)
  }

  /// The last one to leave takes the entry away.
  private func leave(_ key: Digest) {
    entries.withLock { entries in
      entries[key]?.users -= 1
      if entries[key]?.users == 0 { entries[key] = nil }
    }
  }
}
