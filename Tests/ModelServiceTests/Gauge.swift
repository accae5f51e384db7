import Foundation

/// Holds the threads that pass it until a group is complete, and counts the most it ever held.
final class Gauge: @unchecked Sendable {
  // Proof: every member below is touched under `condition` alone.
  private let condition = NSCondition()
  private let size: Int
  private var waiting = 0
  private var groups = 0
  private var mostSeen = 0

  init(groupsOf size: Int) { self.size = size }

  var most: Int { condition.withLock { mostSeen } }

  /// Blocks until the group is complete.
  func pass() {
    condition.withLock {
      waiting += 1
      mostSeen = max(mostSeen, waiting)
      condition.broadcast()
      let group = groups
      if waiting >= size {
        waiting = 0
        groups += 1
        condition.broadcast()
      }
      while group == groups { condition.wait() }
    }
  }

  /// Returns when at least one thread has come.
  func waitForArrival() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in
        condition.withLock {
          while waiting == 0 && groups == 0 { condition.wait() }
        }
        continuation.resume()
      }
    }
  }
}
