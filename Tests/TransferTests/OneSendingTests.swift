import Synchronization
import TestSupport
import Testing
import Transfer

/// Promise P2, against the system's libcurl: 500 calls over a pool of 8 kept connections, every
/// fifth charged and then dropped.
@Suite("One attempt is one sending")
struct OneSendingTests {
  @Test("plain HTTP, closed and reset")
  func plain() async throws {
    let server = try ScriptedServer { request in
      if request.text.hasPrefix("close") { return [.close] }
      return request.text.hasPrefix("reset") ? [.reset] : .answer(200, "{}")
    }
    defer { server.stop() }
    let calls = CallBurst(url: server.url, faults: ["close", "reset"])
    calls.expectOneCharge(each: await calls.send(), server.received.map(\.text))
  }

  @Test("bodies that are read piece by piece, closed and reset")
  func pieces() async throws {
    let server = try ScriptedServer { request in
      if request.text.hasPrefix("close") { return [.close] }
      return request.text.hasPrefix("reset") ? [.reset] : .answer(200, "{}")
    }
    defer { server.stop() }
    let calls = CallBurst(url: server.url, faults: ["close", "reset"], inPieces: true)
    calls.expectOneCharge(each: await calls.send(), server.received.map(\.text))
  }

  @Test(
    "a body that was read whole is in doubt, on a new connection and on a kept one",
    arguments: [0, 1, 1000, 65_535, 65_536, 65_537, 1 << 20]
  )
  func sizes(of body: Int) async throws {
    let server = try ScriptedServer { request in
      // The first and the third connection are dropped at once, the second one after an answer.
      if request.connection == 2, request.number == 2 { return .answer(200, "{}") }
      return request.number % 2 == 0 ? [.close] : [.reset]
    }
    defer { server.stop() }
    let client = TransferClient()
    let bytes = [UInt8](repeating: 67, count: body)
    var deliveries: [TransferFailure.Delivery?] = []
    for _ in 0..<4 {
      let request = HTTPRequest(.post, server.url, body: .bytes(bytes), proxy: .none)
      switch await client.perform(request) {
      case .response: deliveries.append(nil)
      case .failure(let failure): deliveries.append(failure.delivery)
      }
    }
    #expect(deliveries == [.inDoubt, nil, .inDoubt, .inDoubt])
    #expect(server.received.map(\.body) == [bytes, bytes, bytes, bytes])
    #expect(server.connections >= 3)
  }

  @Test(
    "what was sent on a kept connection is in doubt when the server is gone at once",
    arguments: [0, 1, 1000, 65_536, 65_537]
  )
  func serverThatIsGone(body: Int) async throws {
    let gone = Mutex<(@Sendable () -> Void)?>(nil)
    let server = try ScriptedServer { request in
      guard request.number > 1 else { return .answer(200, "{}") }
      // Nothing listens when libcurl connects anew to repeat the request.
      gone.withLock { $0?() }
      return [.close]
    }
    gone.withLock { $0 = { server.stop() } }
    let client = TransferClient()
    let bytes = [UInt8](repeating: 67, count: body)
    let request = HTTPRequest(.post, server.url, body: .bytes(bytes), proxy: .none)
    _ = try await client.perform(request).answered()
    let failure = try await client.perform(request).failed()
    #expect(failure.delivery == .inDoubt)
    #expect(failure.cause == .closedWithoutAnswer)
    #expect(server.received.count == 2)
    #expect(server.connections == 1)
  }

  @Test("TLS, ended cleanly, cut and reset")
  func tls() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      try PeerProcess.trustTestAuthority(in: folder)
      let peer = try PeerProcess(.http1)
      let calls = CallBurst(url: peer.url, faults: ["close", "cut", "reset"])
      calls.expectOneCharge(each: await calls.send(), peer.charges)
    }
  }

  @Test("HTTP/2, where the end of a connection takes other calls with it")
  func http2() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      try PeerProcess.trustTestAuthority(in: folder)
      let peer = try PeerProcess(.http2)
      let faults = ["close", "cut", "reset", "cancel"]
      let calls = CallBurst(url: peer.url, faults: faults, version: .http2)
      let outcomes = await calls.send()
      let charges = peer.charges
      #expect(Set(charges).count == charges.count)
      for (body, outcome) in outcomes {
        switch outcome {
        case .response: #expect(body.hasPrefix("answer") && charges.contains(body))
        case .failure(let failure):
          #expect(failure.delivery == .inDoubt || !charges.contains(body), "\(body): \(failure)")
        }
      }
      // A fault ends at most the seven others that were under way.
      let answered = outcomes.values.filter { if case .response = $0 { true } else { false } }
      #expect(answered.count >= 100, "\(answered.count) answers")
    }
  }

  @Test("a GOAWAY and a refused stream put calls in doubt, and send none twice")
  func goAway() async throws {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      try PeerProcess.trustTestAuthority(in: folder)
      let peer = try PeerProcess(.http2)
      let client = TransferClient()
      var sent: Set<String> = []
      for round in 0..<12 {
        let order = ["goaway", "goaway-after", "refuse"][round % 3]
        let outcomes = await GoAwayRound(url: peer.url, first: "\(order) \(round)").send(
          with: client
        )
        let charges = peer.charges
        for (body, outcome) in outcomes {
          sent.insert(body)
          switch outcome {
          case .response: #expect(charges.contains(body), "\(body)")
          case .failure(let failure): #expect(failure.delivery == .inDoubt, "\(body): \(failure)")
          }
        }
        // Of what the server refused, or did not look at, it has charged nothing.
        #expect(charges.contains("\(order) \(round)") == order.hasPrefix("goaway"))
      }
      #expect(sent.count == 48)
      #expect(Set(peer.charges).count == peer.charges.count)
    }
  }
}
