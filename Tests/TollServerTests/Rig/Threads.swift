package import Dispatch
import Foundation

/// Work on threads of its own.
///
/// Dispatch starts few threads for work that blocks, one after the other: clients that are to be
/// there together must not wait for each other.
package enum Threads {
  /// Runs a closure so many times at once, with numbers from 0, and waits for all.
  package static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    start(count, body).wait()
  }

  /// Starts them; the group ends with the last.
  package static func start(
    _ count: Int,
    _ body: @escaping @Sendable (Int) -> Void
  ) -> DispatchGroup {
    let group = DispatchGroup()
    for number in 0..<count {
      group.enter()
      Thread.detachNewThread {
        body(number)
        group.leave()
      }
    }
    return group
  }
}
