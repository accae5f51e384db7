import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("Calls that stand in a batch")
struct BatchedCallTests {
  private static func request(_ call: ModelCall) -> CallRequest {
    CallRequest(key: call.key, model: call.model.text, request: call.requestText, runID: "batch")
  }

  private static func batch(_ call: ModelCall, _ store: Store) async throws -> BatchClaim {
    try await store.ledger.claimBatch(
      [request(call)],
      key: Digest(of: "batch"),
      model: call.model.text,
      runID: "batch"
    )
  }

  @Test("nobody follows it: nothing is sent, and the message says what does")
  func isNotSentTwice() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint()
    let call = ModelCall(.asking("Hi"), model: endpoint.identity)
    let ended = try await Store.open(at: fixture.store.path, mode: .existing)
    #expect(try await Self.batch(call, ended).granted.count == 1)
    await ended.close()
    let error = await #expect(throws: CallError.self) {
      try await fixture.service().answer(call, from: endpoint)
    }
    let message = error?.description ?? ""
    #expect(message.hasPrefix("call \(call.key.short) stands in batch"))
    #expect(message.contains("'distill run' with mode: batch or 'distill jobs' follows it"))
    #expect(fixture.server.received.isEmpty)
  }

  @Test("somebody follows it: its answer is waited for")
  func waitsForBatch() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint()
    let call = ModelCall(.asking("Hi"), model: endpoint.identity)
    let attempt = try #require(try await Self.batch(call, fixture.store).granted.first)
    let waiting = Task { try await fixture.service().answer(call, from: endpoint) }
    // It has looked, and waits to look again.
    while fixture.clock.sleeps.isEmpty { await Task.yield() }
    try await fixture.store.ledger.settle(
      attempt,
      .answered,
      body: Answer(.answered, text: "from the batch").json.canonical,
      servedModel: nil,
      tokens: TokenCounts(),
      cost: .zero
    )
    let result = try await waiting.value
    #expect(result.answer.text == "from the batch")
    #expect(result.origin == .reused)
    #expect(fixture.server.received.isEmpty)
  }
}
