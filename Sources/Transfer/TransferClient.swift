// Transfer: HTTP requests in flight, by libcurl.
// It sends bytes and brings bytes back; it knows nothing about prompts, models, retries or money.
// What it promises: one request is sent at most once, and a failure says whether the server can
// have acted on it.

import Foundation
import Synchronization

/// Many requests in flight over connections that are kept for the next ones.
///
/// One thread of its own does all the work; it ends with the client.
package final class TransferClient: Sendable {
  private let loop: TransferLoop
  private let nextID = Atomic<UInt64>(0)

  /// Starts the thread.
  ///
  /// - Parameter idleConnections: How many connections stay open without a request.
  package init(idleConnections: Int = 128) {
    let loop = TransferLoop(idleConnections: idleConnections)
    let thread = Thread { loop.run() }
    thread.name = "transfer"
    thread.start()
    self.loop = loop
  }

  deinit { loop.stop() }

  /// Sends one request, once, and waits for its end.
  ///
  /// Cancelling the task ends the transfer and closes its connection; the outcome then is a failure
  /// with the cause `cancelled`, in doubt if the request had left.
  package func perform(_ request: HTTPRequest) async -> HTTPOutcome {
    let id = nextID.add(1, ordering: .relaxed).newValue
    defer { loop.forget(id) }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.submit(.init(id: id, request: request, continuation: continuation))
      }
    } onCancel: {
      loop.cancel(id)
    }
  }
}
