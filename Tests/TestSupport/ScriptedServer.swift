import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A small HTTP server on loopback that keeps account of what reached it.
///
/// It reads each request whole, counts it (a paid service would charge for it), and then does what
/// the script says for that request, which may be to answer, to cut the answer, or to drop the
/// connection.
package final class ScriptedServer: Sendable {
  /// A request that arrived whole.
  package struct Received: Sendable {
    /// From 1, in order of arrival.
    package let number: Int
    /// From 1, which connection brought it.
    package let connection: Int
    package let method: String
    package let target: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
  }

  package enum Step: Sendable {
    case send([UInt8])
    /// Says nothing more until the client goes away.
    case stall
    case close
    /// Closes with RST.
    case reset
  }

  package typealias Script = @Sendable (Received) -> [Step]

  private struct Account {
    var received: [Received] = []
    var connections = 0
    var open: Set<Int32> = []
    var isListening = true
    var isStopped = false
  }

  package let port: Int
  private let listener: Int32
  private let account = Mutex(Account())
  private let script: Script
  /// The connection is reset once so many bytes of a body are in; nil reads every body whole.
  private let resetInsideBodyAt: Int?

  /// Listens on a free port of 127.0.0.1, or on a Unix domain socket.
  package init(unixSocket: String? = nil, resetInsideBodyAt: Int? = nil, script: @escaping Script)
    throws
  {
    (listener, port) = try unixSocket.map { (try Sockets.listen(unix: $0), 0) } ?? Sockets.listen()
    self.script = script
    self.resetInsideBodyAt = resetInsideBodyAt
    Thread.detachNewThread { [self] in acceptConnections() }
  }

  /// Ends every connection and its thread; a second time does nothing.
  package func stop() {
    account.withLock { account in
      account.isStopped = true
      // Under the lock, so that none is closed meanwhile and its number given to somebody else; the
      // listener first, or whose connection ends is back before it.
      if account.isListening { shutdown(listener, Int32(SHUT_RDWR)) }
      for descriptor in account.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  package var url: String { "http://127.0.0.1:\(port)" }
  /// Every request that arrived whole, in order.
  package var received: [Received] { account.withLock { $0.received } }
  package var connections: Int { account.withLock { $0.connections } }

  private func acceptConnections() {
    while true {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { break }
      let number = account.withLock { account in
        account.connections += 1
        account.open.insert(descriptor)
        return account.connections
      }
      if account.withLock({ $0.isStopped }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
      Thread.detachNewThread { [self] in
        serve(descriptor, connection: number)
        account.withLock { account in
          account.open.remove(descriptor)
          close(descriptor)
        }
      }
    }
    account.withLock { account in
      account.isListening = false
      close(listener)
    }
  }

  private func serve(_ descriptor: Int32, connection: Int) {
    var stream = Sockets.Stream(descriptor)
    while let head = stream.readHead() {
      let size =
        head.headers.first { $0.name.lowercased() == "content-length" }
        .flatMap { Int($0.value) } ?? 0
      if let limit = resetInsideBodyAt, size > limit {
        _ = stream.read(limit)
        Sockets.resetOnClose(descriptor)
        return
      }
      guard let body = stream.read(size) else { return }
      let request = account.withLock { account in
        account.received.append(
          Received(
            number: account.received.count + 1,
            connection: connection,
            method: head.method,
            target: head.target,
            headers: head.headers,
            body: body
          )
        )
        return account.received[account.received.count - 1]
      }
      for step in script(request) {
        switch step {
        case .send(let bytes): Sockets.send(bytes, to: descriptor)
        case .stall:
          stream.discardRest()
          return
        case .close: return
        case .reset:
          Sockets.resetOnClose(descriptor)
          return
        }
      }
    }
  }
}

extension [ScriptedServer.Step] {
  /// A whole answer on a connection that stays open.
  package static func answer(
    _ status: Int = 200,
    _ body: String = "",
    type: String = "application/json",
    headers: [String: String] = [:]
  ) -> [ScriptedServer.Step] {
    [
      .send(
        head(status, type: type, length: body.utf8.count, headers: headers) + [UInt8](body.utf8)
      )
    ]
  }

  /// An answer that promises more bytes than it brings, then closes.
  package static func cutAnswer(_ body: String, missing: Int) -> [ScriptedServer.Step] {
    let length = body.utf8.count + missing
    return [
      .send(head(200, type: "application/json", length: length) + [UInt8](body.utf8)), .close,
    ]
  }

  private static func head(
    _ status: Int,
    type: String,
    length: Int,
    headers: [String: String] = [:]
  ) -> [UInt8] {
    let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    return [UInt8](
      ("HTTP/1.1 \(status) Status\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\n"
        + lines + "\r\n").utf8
    )
  }
}
