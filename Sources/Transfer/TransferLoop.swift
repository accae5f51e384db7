import CCurl
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The event loop that owns libcurl's multi handle (`CURLM`).
///
/// `@unchecked Sendable`: `multi` and `active` are touched by the thread in `run` alone, save for
/// `curl_multi_wakeup`, which libcurl makes safe for other threads, and for `deinit`, behind the
/// last use of both. What others say to the loop goes through `inbox`.
final class TransferLoop: @unchecked Sendable {
  struct Arrival: Sendable {
    let id: UInt64
    let request: HTTPRequest
    let continuation: CheckedContinuation<HTTPOutcome, Never>
  }

  private struct Inbox {
    var arrivals: [Arrival] = []
    /// Requests whose task was cancelled; each is forgotten when its `perform` returns.
    var cancelled: Set<UInt64> = []
    var isStopped = false
    /// Whether anything was put here since the loop last looked.
    var hasNews = false
    /// Whether the loop waits, and must be woken to look here.
    var isWaiting = false
  }

  private struct Flight {
    let transfer: CurlTransfer
    let continuation: CheckedContinuation<HTTPOutcome, Never>
  }

  private let multi: UnsafeMutableRawPointer
  private let inbox = Mutex(Inbox())
  private var active: [UnsafeMutableRawPointer: Flight] = [:]
  /// Handles whose last transfer ended well, for the next ones.
  private var spare: [EasyHandle] = []
  private let spareLimit: Int

  /// Keeps at most so many idle connections open for the next requests.
  init(idleConnections: Int) {
    CurlLibrary.start()
    guard let multi = curl_multi_init() else { fatalError("BUG: curl_multi_init found no memory") }
    self.multi = multi
    spareLimit = idleConnections
    Self.check(shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, idleConnections))
  }

  deinit { curl_multi_cleanup(multi) }

  // MARK: From any thread

  func submit(_ arrival: Arrival) {
    post { $0.arrivals.append(arrival) }
  }

  func cancel(_ id: UInt64) {
    post { $0.cancelled.insert(id) }
  }

  func forget(_ id: UInt64) {
    inbox.withLock { _ = $0.cancelled.remove(id) }
  }

  /// Ends the loop; whatever is in flight comes back as cancelled.
  func stop() {
    post { $0.isStopped = true }
  }

  private func post(_ change: (inout sending Inbox) -> Void) {
    let mustWake = inbox.withLock { inbox in
      change(&inbox)
      inbox.hasNews = true
      defer { inbox.isWaiting = false }
      return inbox.isWaiting
    }
    // Only the first of several wakes the loop: each time costs a system call on both sides.
    if mustWake { Self.check(curl_multi_wakeup(multi)) }
  }

  // MARK: On the loop's thread

  func run() {
    Self.blockBrokenPipes()
    while true {
      let (arrivals, cancelled, isStopped) = inbox.withLock { inbox in
        defer { inbox.arrivals = [] }
        inbox.hasNews = false
        inbox.isWaiting = false
        return (inbox.arrivals, inbox.cancelled, inbox.isStopped)
      }
      for arrival in arrivals { start(arrival) }
      if isStopped || !cancelled.isEmpty { cancelFlights { isStopped || cancelled.contains($0) } }
      if isStopped { return }

      var running: Int32 = 0
      Self.check(curl_multi_perform(multi, &running))
      collect()
      let mayWait = inbox.withLock { inbox in
        inbox.isWaiting = !inbox.hasNews
        return inbox.isWaiting
      }
      // A wakeup ends the wait, and libcurl shortens it to its own next deadline.
      if mayWait { Self.check(curl_multi_poll(multi, nil, 0, 60_000, nil)) }
    }
  }

  private func cancelFlights(_ isWanted: (UInt64) -> Bool) {
    for (handle, flight) in active where isWanted(flight.transfer.id) {
      finish(handle) { $0.cancelled() }
    }
  }

  /// A TLS connection that the server closed would otherwise end the process on the next write.
  private static func blockBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private func start(_ arrival: Arrival) {
    do throws(TransferFailure) {
      let transfer = CurlTransfer(id: arrival.id, arrival.request, on: try takeHandle())
      try transfer.prepare()
      active[transfer.easy.raw] = Flight(transfer: transfer, continuation: arrival.continuation)
      Self.check(curl_multi_add_handle(multi, transfer.easy.raw))
    } catch {
      arrival.continuation.resume(returning: .failure(error))
    }
  }

  private func takeHandle() throws(TransferFailure) -> EasyHandle {
    if let handle = spare.popLast() { return handle }
    let handle = EasyHandle()
    try handle.prepare()
    return handle
  }

  /// Reads libcurl's reports of transfers that ended.
  private func collect() {
    var waiting: Int32 = 0
    while let message = curl_multi_info_read(multi, &waiting) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else {
        continue
      }
      // The message dies with the handle's removal.
      let code = message.pointee.data.result
      finish(handle) { $0.outcome(code) }
    }
  }

  private func finish(
    _ handle: UnsafeMutableRawPointer,
    _ outcome: (CurlTransfer) -> HTTPOutcome
  ) {
    guard let flight = active.removeValue(forKey: handle) else {
      fatalError("BUG: libcurl reported a transfer that is not in flight")
    }
    let result = outcome(flight.transfer)
    Self.check(curl_multi_remove_handle(multi, handle))
    if case .response = result, spare.count < spareLimit { spare.append(flight.transfer.easy) }
    flight.continuation.resume(returning: result)
  }

  private static func check(_ code: CURLMcode) {
    precondition(code == CURLM_OK, "BUG: \(String(cString: curl_multi_strerror(code)))")
  }
}
