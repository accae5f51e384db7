import Foundation
import Synchronization

/// What does not hold in one trial; trials run on threads of their own, where no test can be told.
struct Findings {
  private(set) var broken: [String] = []

  mutating func hold(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition { broken.append(what()) }
  }
}

/// Trials that mostly wait, some at once.
enum Trials {
  /// Runs so many trials, numbered from 0, and gives back what does not hold in them.
  ///
  /// What a trial throws is added to that.
  static func run(
    _ count: Int,
    atOnce: Int = 4,
    _ trial: @escaping @Sendable (Int, inout Findings) throws -> Void
  ) -> [String] {
    let next = Mutex(0)
    let broken = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: min(atOnce, count)) { _ in
      while true {
        let index = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard index < count else { return }
        var findings = Findings()
        do {
          try trial(index, &findings)
        } catch {
          findings.hold(false, "trial \(index): \(error)")
        }
        broken.withLock { $0 += findings.broken }
      }
    }
    return broken.withLock { $0 }
  }
}
