package import Transfer

/// How patient a download is, and how much it takes.
package struct DownloadPace: Sendable {
  /// Attempts without a byte of progress before the download is given up.
  package var attempts = 5
  /// The wait before the second attempt; it doubles with each further one.
  package var firstWait = Duration.seconds(1)
  /// The longest wait that a server may ask for by `Retry-After`.
  package var longestWait = Duration.seconds(120)
  /// Largest file, in bytes.
  package var largestFile = 64 << 30
  /// Largest page of rows, in bytes.
  package var largestPage = 256 << 20
  /// For one attempt: a server that sends nothing for a minute is not waited for any longer.
  package var limits = TransferLimits(
    total: .seconds(24 * 3600),
    idle: .seconds(60),
    idleBytesPerSecond: 1
  )
  package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  package init() {}
}

/// The attempts at one thing, of which each may bring it further.
struct Attempts {
  private let pace: DownloadPace
  private var idle = 0

  init(_ pace: DownloadPace) { self.pace = pace }

  /// Waits before the next attempt.
  ///
  /// - Parameters:
  ///   - failure: Why the last one failed, and what to do if it was the last of all.
  ///   - hasProgress: Whether it brought anything.
  ///   - wanted: The wait that the server asked for.
  /// - Throws: The failure where there is no further attempt, `CancellationError`.
  mutating func next(
    after failure: SourceError,
    hasProgress: Bool,
    wanted: Duration? = nil
  ) async throws {
    idle = hasProgress ? 1 : idle + 1
    guard idle < pace.attempts, wanted ?? .zero <= pace.longestWait else { throw failure }
    try Task.checkCancellation()
    let own = pace.firstWait * Double(1 << (idle - 1))
    try await pace.sleep(max(own, wanted ?? .zero))
  }
}
