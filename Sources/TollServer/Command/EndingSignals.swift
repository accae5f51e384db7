#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The signals that end a server.
enum EndingSignals {
  /// Lets them through, whatever the process that started this one had blocked or ignored.
  ///
  /// Threads of Dispatch block them, and a child inherits that. A client that goes away is no
  /// reason to end.
  static func letThrough() {
    var ending = sigset_t()
    sigemptyset(&ending)
    for number in [SIGTERM, SIGINT, SIGHUP] {
      sigaddset(&ending, number)
      signal(number, SIG_DFL)
    }
    pthread_sigmask(SIG_UNBLOCK, &ending, nil)
    signal(SIGPIPE, SIG_IGN)
  }
}
