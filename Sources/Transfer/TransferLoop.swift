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
  }

  private struct Flight {
    let transfer: CurlTransfer
    let continuation: CheckedContinuation<HTTPOutcome, Never>
  }

  private let multi: UnsafeMutableRawPointer
  private let inbox = Mutex(Inbox())
  private var active: [UnsafeMutableRawPointer: Flight] = [:]

  /// Keeps at most so many idle connections open for the next requests.
  init(idleConnections: Int) {
    CurlLibrary.start()
    guard let multi = curl_multi_init() else { fatalError("BUG: curl_multi_init found no memory") }
    self.multi = multi
    Self.check(shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, idleConnections))
  }

  deinit { curl_multi_cleanup(multi) }

  // MARK: From any thread

  func submit(_ arrival: Arrival) {
    inbox.withLock { $0.arrivals.append(arrival) }
    wake()
  }

  func cancel(_ id: UInt64) {
    inbox.withLock { _ = $0.cancelled.insert(id) }
    wake()
  }

  func forget(_ id: UInt64) {
    inbox.withLock { _ = $0.cancelled.remove(id) }
  }

  /// Ends the loop; whatever is in flight comes back as cancelled.
  func stop() {
    inbox.withLock { $0.isStopped = true }
    wake()
  }

  private func wake() { Self.check(curl_multi_wakeup(multi)) }

  // MARK: On the loop's thread

  func run() {
    Self.blockBrokenPipes()
    while true {
      let (arrivals, cancelled, isStopped) = inbox.withLock { inbox in
        defer { inbox.arrivals = [] }
        return (inbox.arrivals, inbox.cancelled, inbox.isStopped)
      }
      for arrival in arrivals { start(arrival) }
      for (handle, flight) in active where isStopped || cancelled.contains(flight.transfer.id) {
        finish(handle) { $0.cancelled() }
      }
      if isStopped { return }

      var running: Int32 = 0
      Self.check(curl_multi_perform(multi, &running))
      collect()
      // A wakeup ends the wait, and libcurl shortens it to its own next deadline.
      Self.check(curl_multi_poll(multi, nil, 0, 60_000, nil))
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
    let transfer = CurlTransfer(id: arrival.id, arrival.request)
    do throws(TransferFailure) {
      try transfer.prepare()
    } catch {
      arrival.continuation.resume(returning: .failure(error))
      return
    }
    active[transfer.handle] = Flight(transfer: transfer, continuation: arrival.continuation)
    Self.check(curl_multi_add_handle(multi, transfer.handle))
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
    flight.continuation.resume(returning: result)
  }

  private static func check(_ code: CURLMcode) {
    precondition(code == CURLM_OK, "BUG: \(String(cString: curl_multi_strerror(code)))")
  }
}
