import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("Calls in doubt")
struct InDoubtTests {
  /// What a process leaves that is killed with a call in flight.
  private func claimAndDie(_ call: ModelCall, _ path: String) async throws {
    let killed = try await Store.open(at: path, mode: .existing)
    let request = CallRequest(
      key: call.key,
      model: call.model.text,
      request: call.request.json.canonical,
      runID: "killed"
    )
    let claim = try await killed.ledger.claim(request, resendInDoubt: true)
    guard case .granted = claim else {
      Issue.record("the claim was not granted")
      return
    }
    await killed.close()
  }

  private func outcomes(_ fixture: Fixture, _ call: ModelCall) async throws -> [String?] {
    try await fixture.store.ledger.attempts(of: call.key).map(\.outcome)
  }

  @Test("asked not to, nobody sends it again, and the message says why")
  func asks() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint()
    let call = ModelCall(.asking("Hi"), model: endpoint.identity)
    try await claimAndDie(call, fixture.store.path)
    let careful = fixture.service(CallPolicy(inDoubt: .ask))
    #expect(try await careful.inDoubt().map(\.key) == [call.key])
    let error = await #expect(throws: CallError.self) {
      try await careful.answer(.asking("Hi"), from: endpoint)
    }
    #expect(
      error?.description
        == "call \(call.key.short) is in doubt: it was sent, may have been paid, and has no answer "
        + "(an earlier run ended before its answer was recorded)"
    )
    #expect(fixture.server.received.isEmpty)
  }

  @Test("by default it is sent again once, whoever does it, and then never by itself")
  func resendsOnceEver() async throws {
    let fixture = try await Fixture { request in
      Chat.prompt(request) == "bad" ? .answer(502, "<html>") : Chat.echo(request)
    }
    let endpoint = try fixture.endpoint()
    let good = ModelCall(.asking("good"), model: endpoint.identity)
    try await claimAndDie(good, fixture.store.path)
    let result = try await fixture.service().answer(good, from: endpoint)
    #expect(result.origin == .made)
    #expect(try await outcomes(fixture, good) == ["lost", "answered"])

    let bad = ModelCall(.asking("bad"), model: endpoint.identity)
    try await claimAndDie(bad, fixture.store.path)
    for _ in 0..<3 {
      await #expect(throws: CallError.self) {
        try await fixture.service().answer(bad, from: endpoint)
      }
    }
    #expect(fixture.server.received.map(Chat.prompt) == ["good", "bad"])
    #expect(try await fixture.store.ledger.inDoubt().map(\.key) == [bad.key])
  }

  @Test("two processes that find it in doubt send it again once between them")
  func resendsOnceTogether() async throws {
    let fixture = try await Fixture { _ in .answer(502, "<html>") }
    let other = try await Store.open(at: fixture.store.path, mode: .existing)
    let endpoint = try fixture.endpoint(limits: CallLimits(concurrency: 16))
    let calls = (0..<40).map { ModelCall(.asking("\($0)"), model: endpoint.identity) }
    for call in calls { try await claimAndDie(call, fixture.store.path) }
    let services = [fixture.service(), fixture.service(on: other)]
    await withTaskGroup(of: Void.self) { group in
      for call in calls {
        for service in services {
          group.addTask { _ = try? await service.answer(call, from: endpoint) }
        }
      }
    }
    let prompts = fixture.server.received.map(Chat.prompt)
    #expect(prompts.count == 40)
    #expect(Set(prompts).count == 40)
    #expect(try await fixture.store.ledger.inDoubt().count == 40)
    await other.close()
  }

  @Test("with 'resend' every run sends it again once")
  func resendsOnceARun() async throws {
    let fixture = try await Fixture { _ in [.close] }
    let endpoint = try fixture.endpoint()
    let policy = CallPolicy(inDoubt: .resend)
    for run in 1...3 {
      let service = fixture.service(policy)
      for _ in 0..<2 {
        await #expect(throws: CallError.self) {
          try await service.answer(.asking("Hi"), from: endpoint)
        }
      }
      // The first run sends it for the first time, too.
      #expect(fixture.server.received.count == run + 1)
    }
  }

  @Test("with 'skip' it is done without, for good")
  func skips() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint()
    let call = ModelCall(.asking("Hi"), model: endpoint.identity)
    try await claimAndDie(call, fixture.store.path)
    let service = fixture.service(CallPolicy(inDoubt: .skip))
    let first = try await service.answer(call, from: endpoint)
    #expect(first.answer.state == .skipped)
    #expect(!first.answer.isUsable)
    #expect(first.cost == nil)
    let second = try await service.answer(call, from: endpoint)
    #expect(second.answer.state == .skipped)
    #expect(service.counts.skipped == 1)
    #expect(service.counts.reused == 1)
    #expect(fixture.server.received.isEmpty)
    #expect(try await service.inDoubt().isEmpty)
    #expect(try await fixture.store.ledger.answer(for: call.key)?.outcome == .skipped)
  }

  @Test("a server of our own is asked again whatever the policy: nobody is paid")
  func resendsFreeCalls() async throws {
    let fixture = try await Fixture(Chat.echo)
    let socket = "\(fixture.folder.path)/s"
    let server = try ScriptedServer(unixSocket: socket) { request in
      request.number < 4 ? [.close] : Chat.echo(request)
    }
    defer { server.stop() }
    let endpoint = try ModelEndpoint(
      address: ServiceAddress(unixSocket: socket),
      model: "tiny",
      identity: .checkpoint(Digest(of: "weights"), runtime: "1")
    )
    let call = ModelCall(.asking("Hi"), model: endpoint.identity)
    try await claimAndDie(call, fixture.store.path)
    let service = fixture.service(CallPolicy(inDoubt: .ask))
    #expect(try await service.answer(call, from: endpoint).answer.text == "Hi")
    #expect(service.counts.spent == .zero)
    #expect(service.counts.unknownCost == 0)
    #expect(server.received.count == 4)
  }

  @Test("a fresh draw has a new idempotency key, a resend the old one")
  func keysFollowAnswers() async throws {
    let fixture = try await Fixture { $0.number == 1 ? [.reset] : Chat.echo($0) }
    let endpoint = try fixture.endpoint()
    _ = try await fixture.service(runID: "a").answer(.asking("Hi"), from: endpoint)
    _ = try await fixture.service(runID: "b").answer(.asking("Hi"), from: endpoint, fresh: true)
    let keys = fixture.server.received.map { $0.header("idempotency-key") }
    #expect(keys.count == 3)
    #expect(keys[0] == keys[1])
    #expect(keys[0] != keys[2])
  }
}
