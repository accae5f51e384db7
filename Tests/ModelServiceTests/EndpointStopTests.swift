import ModelService
import Primitives
import Store
import TestSupport
import Testing
import Transfer

@Suite("What makes an endpoint of no use stops it for all")
struct EndpointStopTests {
  private static let slow = Chat.error("slow down", type: "requests")
  private static let html = "<html><body>Bad Gateway</body></html>"

  @Test("put off again and again, the endpoint is paused, not the call given up")
  func pausesWithoutPatience() async throws {
    let fixture = try await Fixture { _ in .answer(429, Self.slow) }
    let service = fixture.service()
    let error = await #expect(throws: CallError.self) {
      try await service.answer(.asking("Hi"), from: try fixture.endpoint())
    }
    guard case .stopped(let stop)? = error else {
      Issue.record("expected a stop, found \(String(describing: error))")
      return
    }
    #expect(stop.kind == .rateLimit)
    #expect(stop.isPause)
    #expect(stop.message.hasSuffix("answered 429: slow down, and has done so for 5 min 4 s"))
    // 0.5, 1, 2, 4 and then 8 seconds each.
    #expect(fixture.clock.sleeps.reduce(.zero, +) == .milliseconds(303_500))
    #expect(fixture.server.received.count == fixture.clock.sleeps.count + 1)
    #expect(try await service.inDoubt().isEmpty)
  }

  @Test("put off while others are answered, only the one call is given up")
  func givesUpOneCall() async throws {
    let fixture = try await Fixture { request in
      Chat.prompt(request) == "large" ? .answer(429, Self.slow) : Chat.echo(request)
    }
    let service = fixture.service()
    let endpoint = try fixture.endpoint(limits: CallLimits(concurrency: 2))
    let isOver = Shared(false)
    let large = Task {
      defer { isOver.change { $0 = true } }
      return try await service.answer(.asking("large"), from: endpoint)
    }
    var number = 0
    while !isOver.value {
      number += 1
      _ = try await service.answer(.asking("\(number)"), from: endpoint)
    }
    let error = await #expect(throws: CallError.self) { try await large.value }
    guard case .unanswered? = error else {
      Issue.record("expected 'unanswered', found \(String(describing: error))")
      return
    }
    _ = try await service.answer(.asking("last"), from: endpoint)
  }

  @Test("a longer wait than the policy allows pauses the endpoint")
  func pausesOnLongWaits() async throws {
    let fixture = try await Fixture { _ in
      .answer(429, Self.slow, headers: ["Retry-After": "10800"])
    }
    let stop = try await stopped(fixture)
    #expect(stop.kind == .rateLimit)
    #expect(stop.isPause)
    #expect(
      stop.message.hasSuffix(
        "answered 429: slow down, and asks to wait 3 h, until 2026-11-21 03:00:00 UTC"
      )
    )
    #expect(fixture.clock.sleeps.isEmpty)
  }

  @Test(
    "what no retry mends stops the endpoint: one sending, then the same error for all",
    arguments: [
      (
        401, Chat.error("Incorrect API key", code: "invalid_api_key"),
        EndpointStop.Kind.authentication
      ),
      (403, Chat.error("no"), .authentication),
      (404, Chat.error("no such model"), .notFound),
      (429, Chat.error("pay", type: "insufficient_quota"), .quota),
      (429, Chat.error("pay", code: "credit_balance_exhausted"), .quota),
      (429, Chat.error("pay", code: "organization_spend_limit_exceeded"), .quota),
      (429, Chat.error("pay", code: "project_spend_limit_exceeded"), .quota),
      (429, Chat.error("pay", code: "organization_usage_limit_exceeded"), .quota),
      (403, Chat.error("pay", type: "insufficient_quota"), .quota),
      (400, Chat.error("pay", code: "billing_not_active"), .quota),
      (407, "<html>proxy</html>", .refused),
      (402, Chat.error("pay"), .quota),
      (400, Chat.error("no such model", code: "model_not_found"), .refused),
      (400, Self.html, .refused),
      (405, "", .refused),
    ]
  )
  func stopsEndpoint(status: Int, body: String, kind: EndpointStop.Kind) async throws {
    let fixture = try await Fixture { _ in .answer(status, body) }
    let stop = try await stopped(fixture)
    #expect(stop.kind == kind)
    #expect(stop.message.hasPrefix("model 'm' at '\(fixture.server.url)/v1' "))
    #expect(stop.isPause == (kind == .quota))
  }

  @Test(
    "a redirect stops the endpoint, and the other server sees nothing",
    arguments: [301, 302, 303, 307, 308]
  )
  func stopsAtRedirects(status: Int) async throws {
    let other = try ScriptedServer(script: Chat.echo)
    defer { other.stop() }
    let fixture = try await Fixture { _ in
      .answer(status, "", headers: ["Location": "\(other.url)/v1/chat/completions"])
    }
    let keyFile = try fixture.folder.write("canary-key-51f0\n", to: "key")
    let stop = try await stopped(fixture, apiKey: .file(keyFile))
    #expect(stop.kind == .redirect)
    #expect(stop.message.contains("redirects to '\(other.url)/v1/chat/completions'"))
    #expect(other.connections == 0)
    #expect(fixture.server.received.first?.header("authorization") == "Bearer canary-key-51f0")
  }

  @Test("a server that cannot be reached is tried a few times, then by nobody")
  func stopsWhenUnreachable() async throws {
    let fixture = try await Fixture(Chat.echo)
    let address = try ServiceAddress(baseURL: "http://127.0.0.1:\(try Sockets.closedPort())/v1")
    let endpoint = try ModelEndpoint(
      address: address,
      model: "m",
      identity: .endpoint(address, model: "m", revision: nil)
    )
    let service = fixture.service(CallPolicy(attempts: 3))
    let error = await #expect(throws: CallError.self) {
      try await service.answer(.asking("Hi"), from: endpoint)
    }
    guard case .stopped(let stop)? = error else {
      Issue.record("expected a stop, found \(String(describing: error))")
      return
    }
    #expect(stop.kind == .unreachable)
    #expect(service.counts.attempts == 3)
    #expect(try await service.inDoubt().isEmpty)
    await #expect(throws: CallError.self) {
      try await service.answer(.asking("another"), from: endpoint)
    }
    #expect(service.counts.attempts == 3)
  }

  /// Asks 8 calls at once of an endpoint that is to stop at the first.
  private func stopped(
    _ fixture: Fixture,
    apiKey: APIKeySource? = nil
  ) async throws -> EndpointStop {
    let endpoint = try fixture.endpoint(apiKey: apiKey, limits: CallLimits(concurrency: 1))
    let service = fixture.service()
    let stops = await withTaskGroup(of: EndpointStop?.self) { group in
      for number in 0..<8 {
        group.addTask {
          do {
            _ = try await service.answer(.asking("row \(number)"), from: endpoint)
          } catch CallError.stopped(let stop) {
            return stop
          } catch {}
          return nil
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(stops.count == 8)
    #expect(Set(stops.map { $0?.message }).count == 1)
    #expect(fixture.server.received.count == 1)
    #expect(try await service.inDoubt().isEmpty)
    return try #require(stops.first ?? nil)
  }
}
