import Dispatch

/// Work that the first SIGINT or SIGTERM cancels, so that it can come to an orderly end; the second
/// ends the process.
enum StoppableWork {
  /// Runs a body and tells how it came out; `onStop` is called at the first signal, before the body
  /// is cancelled.
  static func result<Value: Sendable>(
    onStop: @escaping @Sendable (ExitStatus) -> Void,
    _ body: @escaping @Sendable () async throws -> Value
  ) async -> Result<Value, any Error> {
    // Nothing starts before the signals are watched for.
    let gate = AsyncStream<Void>.makeStream()
    let work = Task {
      for await _ in gate.stream {}
      return try await body()
    }
    let signals = Signals.onStop { status in
      onStop(status)
      work.cancel()
    }
    defer { for signal in signals { signal.cancel() } }
    gate.continuation.finish()
    return await work.result
  }
}
