import Foundation
import Store

/// Time as the service sees it, so that tests need not wait for it.
package struct Timekeeper: Sendable {
  /// Since some moment, never going back; for processes that share a store, the same moment.
  package var now: @Sendable () -> Duration
  /// Seconds since 1970, UTC; only for the dates that servers name and people read.
  package var wallClock: @Sendable () -> Int64
  package var sleep: @Sendable (Duration) async throws -> Void
  /// In `0..<1`: keeps clients that failed together from coming back together.
  package var jitter: @Sendable () -> Double

  package init(
    now: @escaping @Sendable () -> Duration,
    wallClock: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    jitter: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.wallClock = wallClock
    self.sleep = sleep
    self.jitter = jitter
  }

  package static let system = Timekeeper(
    now: { .nanoseconds(BootClock.nanoseconds) },
    wallClock: { Int64(Date().timeIntervalSince1970) },
    sleep: { try await Task.sleep(for: $0) },
    jitter: { Double.random(in: 0..<1) }
  )

  /// `now` in nanoseconds.
  var nanoseconds: Int64 { now().wholeNanoseconds }
}

extension Duration {
  /// At most some two hundred years, as `Int64` has it.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
  }
}
