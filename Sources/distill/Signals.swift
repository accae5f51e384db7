import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the process does when it is told to stop.
enum Signals {
  /// A closed pipe or terminal does not end a run: its answers are paid for (promise P12).
  static func ignorePipeAndHangup() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
  }

  /// Makes the server child deaf to Ctrl-C, which at a terminal reaches the whole group.
  ///
  /// The parent still wants the answers in flight; the child ends when its standard input closes.
  static func ignoreInterrupt() { signal(SIGINT, SIG_IGN) }

  /// Calls back at the first SIGINT or SIGTERM; ends the process at the second.
  ///
  /// When it returns, both are being watched for: a signal between two states would be lost.
  static func onStop(
    _ body: @escaping @Sendable (ExitStatus) -> Void
  ) -> [any DispatchSourceSignal] {
    let first = FirstStop()
    return [(SIGINT, ExitStatus.interrupted), (SIGTERM, ExitStatus.terminated)].map { pair in
      #if !os(Linux)
        // There the source only observes; on Linux it takes the signal by a handler of its own.
        signal(pair.0, SIG_IGN)
      #endif
      let source = DispatchSource.makeSignalSource(signal: pair.0, queue: first.queue)
      source.setEventHandler {
        guard first.isFirst() else { _exit(pair.1.rawValue) }
        body(pair.1)
      }
      let registered = DispatchSemaphore(value: 0)
      source.setRegistrationHandler { registered.signal() }
      source.activate()
      registered.wait()
      return source
    }
  }

  private final class FirstStop: @unchecked Sendable {
    // Safe: `isFirst` runs on `queue` only, which is serial.
    let queue = DispatchQueue(label: "distill.signals")
    private var seen = false

    func isFirst() -> Bool {
      defer { seen = true }
      return !seen
    }
  }
}
