import Foundation

/// Time as the service sees it, so that tests need not wait for it.
package struct Timekeeper: Sendable {
  /// Since some moment, never going back.
  package var now: @Sendable () -> Duration
  /// Seconds since 1970, UTC; only to read the dates that servers name.
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

  package static let system: Timekeeper = {
    let start = ContinuousClock.now
    return Timekeeper(
      now: { ContinuousClock.now - start },
      wallClock: { Int64(Date().timeIntervalSince1970) },
      sleep: { try await Task.sleep(for: $0) },
      jitter: { Double.random(in: 0..<1) }
    )
  }()
}
