import Synchronization
import TestSupport
import Testing
import Transfer

@Suite("Failures say whether the request left")
struct TransferFailureTests {
  @Test("one attempt is one sending, even when a kept connection dies under it")
  func neverResends() async throws {
    // Every second request of a connection is charged and then dropped: libcurl, left to itself,
    // repeats it on a new connection.
    let dropped = ToggledSet()
    let server = try ScriptedServer { request in
      guard dropped.toggle(request.connection) else { return .answer(200, "{}") }
      return request.number % 4 < 2 ? [.close] : [.reset]
    }
    defer { server.stop() }
    let client = TransferClient()
    var failures: [TransferFailure] = []
    for number in 0..<40 {
      if case .failure(let failure) = await client.perform(.toll(server, body: "call \(number)")) {
        failures.append(failure)
      }
    }
    #expect(server.received.map(\.text) == (0..<40).map { "call \($0)" })
    #expect(failures.count == 20)
    #expect(failures.allSatisfy { $0.delivery == .inDoubt })
  }

  @Test("the same over a pool of connections: 400 sendings, each charged once")
  func neverResendsFromPool() async throws {
    let server = try ScriptedServer { request in
      request.number % 5 == 0 ? (request.number % 2 == 0 ? [.close] : [.reset]) : .answer(200, "{}")
    }
    defer { server.stop() }
    let client = TransferClient(idleConnections: 8)
    let failures = await withTaskGroup(of: Int.self) { group in
      for worker in 0..<8 {
        group.addTask {
          var failures = 0
          for number in 0..<50 {
            let outcome = await client.perform(.toll(server, body: "\(worker):\(number)"))
            if case .failure(let failure) = outcome, failure.delivery == .inDoubt { failures += 1 }
          }
          return failures
        }
      }
      return await group.reduce(0, +)
    }
    #expect(failures == 80)
    #expect(server.received.count == 400)
    #expect(Set(server.received.map(\.text)).count == 400)
  }

  @Test("a refused connection and an unknown name were not sent")
  func tellsNotSent() async throws {
    let client = TransferClient()
    let port = try Sockets.closedPort()
    let refused = try await client.perform(
      HTTPRequest(.post, "http://127.0.0.1:\(port)/", body: .bytes([1]))
    ).failed()
    #expect(refused.delivery == .notSent)
    #expect(refused.cause == .connectFailed)

    let unknown = try await client.perform(
      HTTPRequest(.post, "http://name.invalid/", body: .bytes([1]), proxy: .none)
    ).failed()
    #expect(unknown.delivery == .notSent)
    #expect(unknown.cause == .nameNotResolved)
  }

  @Test("a connection reset inside the body was not sent whole")
  func tellsHalfSent() async throws {
    let server = try ScriptedServer(resetInsideBodyAt: 100) { _ in .answer() }
    defer { server.stop() }
    // Far above what socket buffers hold, so that the last byte cannot have left.
    let body = HTTPBody.bytes([UInt8](repeating: 65, count: 32 << 20))
    let failure = try await TransferClient()
      .perform(HTTPRequest(.post, server.url, body: body)).failed()
    #expect(failure.delivery == .notSent)
    #expect(server.received.isEmpty)
  }

  @Test("a truncated answer is in doubt, and its bytes are kept apart")
  func tellsTruncated() async throws {
    let server = try ScriptedServer { _ in .cutAnswer(#"{"half":"#, missing: 20) }
    defer { server.stop() }
    let failure = try await TransferClient().perform(.toll(server)).failed()
    #expect(failure.delivery == .inDoubt)
    #expect(failure.cause == .truncated)
    #expect(failure.partial?.status == 200)
    #expect(failure.partial?.body == Array(#"{"half":"#.utf8))
  }

  @Test("a stalled answer ends at the total limit, a slow one at the idle limit")
  func endsStalls() async throws {
    let server = try ScriptedServer { _ in [.stall] }
    defer { server.stop() }
    let client = TransferClient()
    let total = TransferLimits(total: .milliseconds(150))
    let stalled = try await client.perform(.toll(server, limits: total)).failed()
    #expect(stalled.delivery == .inDoubt)
    #expect(stalled.cause == .timedOut)

    let idle = TransferLimits(idle: .seconds(1))
    let slow = try await client.perform(.toll(server, limits: idle)).failed()
    #expect(slow.delivery == .inDoubt)
    #expect(slow.cause == .timedOut)
  }

  @Test("a server that takes no connection ends the call at the connect limit, unsent")
  func endsConnecting() async throws {
    let hole = try BlackHole()
    let limits = TransferLimits(connect: .milliseconds(200))
    let failure = try await TransferClient()
      .perform(HTTPRequest(.post, hole.url, body: .bytes([1]), limits: limits, proxy: .none))
      .failed()
    #expect(failure.cause == .timedOut)
    #expect(failure.delivery == .notSent)
  }

  @Test("an address that leads nowhere is unsent")
  func discardsNothing() async throws {
    // 100::/64 is set aside for addresses that answer nothing (RFC 6666).
    let limits = TransferLimits(connect: .milliseconds(200))
    let failure = try await TransferClient()
      .perform(
        HTTPRequest(.post, "http://[100::1]:9/", body: .bytes([1]), limits: limits, proxy: .none)
      )
      .failed()
    #expect(failure.delivery == .notSent)
    #expect([.timedOut, .connectFailed].contains(failure.cause), "\(failure.cause)")
  }

  @Test("an answer of four bytes a second ends at the idle limit")
  func endsDrips() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      try PeerProcess.trustTestAuthority(in: folder)
      let peer = try PeerProcess(.http1)
      let limits = TransferLimits(idle: .seconds(1))
      let outcome = await TransferClient().perform(.secure(peer.url, "drip", limits: limits))
      let failure = try outcome.failed()
      #expect(failure.cause == .timedOut)
      #expect(failure.delivery == .inDoubt)
      #expect((failure.partial?.body.count ?? 1000) < 1000)
      #expect(peer.charges == ["drip"])
    }
  }

  @Test("a packed answer stays packed: nothing small becomes large")
  func unpacksNothing() async throws {
    let server = try ScriptedServer { _ in
      .answer(200, "packed", headers: ["Content-Encoding": "gzip"])
    }
    defer { server.stop() }
    let response = try await TransferClient().perform(.toll(server)).answered()
    #expect(response.body == Array("packed".utf8))
    #expect(server.received.first?.header("accept-encoding") == nil)
  }

  @Test("an answer above the limit is no answer")
  func limitsAnswers() async throws {
    let server = try ScriptedServer { _ in .answer(200, String(repeating: "x", count: 100_000)) }
    defer { server.stop() }
    let limits = TransferLimits(responseBytes: 1000)
    let failure = try await TransferClient().perform(.toll(server, limits: limits)).failed()
    #expect(failure.cause == .answerTooLarge)
    #expect(failure.delivery == .inDoubt)
    #expect(failure.message == "the answer is larger than the limit of 1000 bytes")
    #expect((failure.partial?.body.count ?? 0) <= 1000)
  }

  @Test("headers without end are no answer")
  func limitsHeaders() async throws {
    let line = "X-Much: \(String(repeating: "y", count: 60_000))\r\n"
    let server = try ScriptedServer { _ in
      [.send(Array(("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 40)).utf8)), .stall]
    }
    defer { server.stop() }
    let failure = try await TransferClient().perform(.toll(server)).failed()
    #expect(failure.delivery == .inDoubt)
    // Newer libcurl has a limit of its own, at 300 KB.
    #expect([.answerTooLarge, .connectionLost].contains(failure.cause), "\(failure.cause)")
    #expect((failure.partial?.headers.count ?? 0) <= 18)
  }

  @Test("a file that was not received whole is removed")
  func removesPartialFiles() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/cut"
    let server = try ScriptedServer { _ in .cutAnswer("half", missing: 20) }
    defer { server.stop() }
    let request = HTTPRequest(.get, server.url, saveTo: path)
    let failure = try await TransferClient().perform(request).failed()
    #expect(failure.cause == .truncated)
    #expect(throws: (any Error).self) { try folder.read("cut") }
  }

  @Test("a redirect is reported, never followed", arguments: [301, 302, 303, 307, 308])
  func reportsRedirects(status: Int) async throws {
    let other = try ScriptedServer { _ in .answer(200, "{}") }
    defer { other.stop() }
    let target = "\(other.url)/elsewhere"
    let server = try ScriptedServer { _ in .answer(status, "", headers: ["Location": target]) }
    defer { server.stop() }
    let request = HTTPRequest(
      .post,
      server.url,
      headers: [HTTPHeader("Authorization", "Bearer x")],
      body: .bytes([1])
    )
    let response = try await TransferClient().perform(request).answered()
    #expect(response.status == status)
    #expect(response.redirect == target)
    #expect(other.connections == 0)
  }

  @Test("what cannot be sent is refused unsent")
  func refusesBrokenRequests() async throws {
    let client = TransferClient()
    let requests = [
      HTTPRequest(.get, "file:///etc/hostname"),
      HTTPRequest(.get, "gopher://127.0.0.1/"),
      HTTPRequest(.get, "http://127.0.0.1:99999/"),
      HTTPRequest(.get, "http://127.0.0.1/", headers: [HTTPHeader("A", "b\r\nC: d")]),
      HTTPRequest(.post, "http://127.0.0.1/", body: HTTPBody([.file(path: "/nowhere/x")])),
    ]
    for request in requests {
      let failure = try await client.perform(request).failed()
      #expect(failure.delivery == .notSent)
      #expect(failure.cause == .invalidRequest)
    }
    let unreadable = try await client.perform(requests[4]).failed()
    #expect(unreadable.message == "cannot open '/nowhere/x': No such file or directory")
  }

  @Test("cancelling ends a request in flight, in doubt, and one not started, unsent")
  func cancels() async throws {
    let arrived = AsyncStream<Void>.makeStream()
    let server = try ScriptedServer { _ in
      arrived.continuation.yield()
      return [.stall]
    }
    defer { server.stop() }
    let client = TransferClient()
    let running = Task { await client.perform(.toll(server)) }
    for await _ in arrived.stream { break }
    running.cancel()
    let failure = try await running.value.failed()
    #expect(failure.cause == .cancelled)
    #expect(failure.delivery == .inDoubt)

    let early = Task {
      while !Task.isCancelled { await Task.yield() }
      return await client.perform(.toll(server))
    }
    early.cancel()
    let unsent = try await early.value.failed()
    #expect(unsent.cause == .cancelled)
    #expect(unsent.delivery == .notSent)
    #expect(server.received.count == 1)
  }

  @Test("no failure repeats a header or a body of the request")
  func keepsSecretsOut() async throws {
    let server = try ScriptedServer { request in
      request.number % 2 == 0 ? [.reset] : .cutAnswer("{", missing: 9)
    }
    defer { server.stop() }
    let client = TransferClient()
    let port = try Sockets.closedPort()
    for url in [server.url, server.url, "http://127.0.0.1:\(port)", "http://[broken"] {
      let request = HTTPRequest(
        .post,
        url,
        headers: [HTTPHeader("Authorization", "Bearer canary-7f3a")],
        body: .bytes(Array("canary-7f3a".utf8))
      )
      let failure = try await client.perform(request).failed()
      #expect(!"\(failure) \(failure.message)".contains("canary-7f3a"))
    }
  }
}

/// Members that come and go.
private final class ToggledSet: Sendable {
  private let members = Mutex(Set<Int>())

  /// Takes the member out if it was in, else puts it in; whether it was in.
  func toggle(_ member: Int) -> Bool {
    members.withLock { members in
      if members.remove(member) != nil { return true }
      members.insert(member)
      return false
    }
  }
}
