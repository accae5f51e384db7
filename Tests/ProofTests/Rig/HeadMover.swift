import Dispatch
import Foundation
import Primitives
import Synchronization

/// Commits on two branches in turn, now and then other notes, until told to stop.
///
/// The branches are `side` and `main`, and each commit bears the name of its branch.
final class HeadMover: Sendable {
  private let state = Mutex<(isStopped: Bool, moves: Int, error: (any Error)?)>((false, 0, nil))
  private let ended = DispatchSemaphore(value: 0)

  /// How often HEAD moved so far.
  var moves: Int { state.withLock { $0.moves } }

  init(_ repository: GitRepository, _ numbers: SeededGenerator) {
    Thread.detachNewThread { [self] in
      do {
        var numbers = numbers
        while !state.withLock({ $0.isStopped }) {
          for branch in ["side", "main"] { try move(to: branch, repository, &numbers) }
        }
      } catch {
        state.withLock { $0.error = error }
      }
      ended.signal()
    }
  }

  private func move(
    to branch: String,
    _ repository: GitRepository,
    _ numbers: inout SeededGenerator
  ) throws {
    // Pauses as long as a part of a run, so that some runs meet one moment alone.
    usleep(UInt32(numbers.below(500_000)))
    try repository.git("switch", "-q", branch)
    if numbers.below(4) == 0 {
      try repository.write("\(branch) \(numbers.below(1000))\n", to: "notes.txt")
    }
    try repository.git("commit", "-q", "--allow-empty", "-a", "-m", branch)
    state.withLock { $0.moves += 2 }
  }

  func stop() throws {
    state.withLock { $0.isStopped = true }
    ended.wait()
    if let error = state.withLock({ $0.error }) { throw error }
  }
}
