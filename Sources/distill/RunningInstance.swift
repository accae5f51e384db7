import Execution
import Primitives
import Synchronization
import Workflow

/// An instance under way, as the progress display knows it.
struct RunningInstance {
  private var progress: CallProgress?
  private let start = ContinuousClock.now

  mutating func note(_ progress: CallProgress) { self.progress = progress }

  /// Counts, money and the time left, in words; nil before the first call.
  var text: String? {
    guard let progress else { return nil }
    var parts = ["\(progress.done)/\(progress.total) calls"]
    if progress.reused > 0 { parts.append("\(progress.reused) cached") }
    if progress.failed > 0 { parts.append("\(progress.failed) unanswered") }
    if progress.spent > .zero { parts.append("\(progress.spent)") }
    if let left = secondsLeft(progress) { parts.append("\(Times.span(left)) left") }
    return parts.joined(separator: ", ")
  }

  /// By the calls made so far, since what was there already took no time; nil while it means nothing.
  private func secondsLeft(_ progress: CallProgress) -> Double? {
    let elapsed = (ContinuousClock.now - start).seconds
    let made = progress.done - progress.reused
    guard elapsed >= 5, made >= 5, progress.done < progress.total else { return nil }
    return elapsed / Double(made) * Double(progress.total - progress.done)
  }
}

/// Lets the progress of an instance through so often and no more; its end always.
final class Throttle: Sendable {
  private let interval: Duration
  private let last = Mutex<[InstanceID: ContinuousClock.Instant]>([:])

  init(interval: Duration) { self.interval = interval }

  func lets(_ id: InstanceID, _ progress: CallProgress) -> Bool {
    last.withLock { last in
      let now = ContinuousClock.now
      if progress.done < progress.total, let before = last[id], now - before < interval {
        return false
      }
      last[id] = now
      return true
    }
  }
}
