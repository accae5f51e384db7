import ModelService
import Primitives
import Store
import TestSupport
import Testing
import Transfer

@Suite("What fine-tuning jobs cost")
struct FineTuningMoneyTests {
  private static let key = Digest(of: "the instance's action key")
  private static let row = #"{"messages":[]}"# + "\n"

  private func endpoint(_ fixture: Fixture, price: Double?) throws -> ModelEndpoint {
    try ModelEndpoint(
      address: try ServiceAddress(baseURL: "\(fixture.server.url)/v1"),
      model: "m",
      identity: .named("test-m", revision: nil),
      pricing: price.map { Pricing(training: $0) }
    )
  }

  private func request(_ fixture: Fixture) throws -> FineTuningRequest {
    FineTuningRequest(
      trainingFile: try fixture.folder.write(Self.row, to: "rows.jsonl"),
      epochs: 5
    )
  }

  private func service(_ fixture: Fixture, limit: Money? = nil) -> FineTuningService {
    FineTuningService(
      ledger: fixture.store.ledger,
      runID: "run",
      account: "flow",
      budgets: limit.map { [Budget(account: "flow", limit: $0)] } ?? [],
      transfer: fixture.transfer,
      time: fixture.clock.timekeeper
    )
  }

  @Test("the worst case is every byte in every epoch; what was trained on is what it cost")
  func settles() async throws {
    let fixture = try await Fixture(JobServer().answer)
    let endpoint = try endpoint(fixture, price: 25)
    let request = try request(fixture)
    // 16 bytes, 5 epochs, 25 USD a million.
    let worst = Money(nanos: 16 * 5 * 25_000)
    #expect(try FineTuningService.worstCase(of: request, at: endpoint) == worst)
    let model = try await service(fixture, limit: Money(usd: 1))
      .tune(request, key: Self.key, at: endpoint)
    #expect(model.cost == Money(nanos: 1234 * 25_000))
    let job = try #require(try await fixture.store.ledger.jobs(key: Self.key).first)
    #expect(job.reserved == worst)
    #expect(job.cost == model.cost)
    let spending = try await fixture.store.ledger.spending(account: "flow")
    #expect(spending.settled == model.cost)
    #expect(spending.reserved == .zero)
  }

  @Test("a job beyond the budget, or without a price under one, is not sent at all")
  func holdsBudgets() async throws {
    let fixture = try await Fixture(JobServer().answer)
    let request = try request(fixture)
    for (price, limit) in [
      (25.0 as Double?, Money(nanos: 16 * 5 * 25_000 - 1)), (nil, Money(usd: 9)),
    ] {
      let endpoint = try endpoint(fixture, price: price)
      let error = await #expect(throws: FineTuningError.self) {
        try await service(fixture, limit: limit).tune(request, key: Self.key, at: endpoint)
      }
      guard case .overBudget(let shortfall)? = error else {
        Issue.record("expected 'overBudget', found \(String(describing: error))")
        continue
      }
      #expect(shortfall.budget.limit == limit)
    }
    #expect(fixture.server.received.isEmpty)
    #expect(try await fixture.store.ledger.jobs(key: Self.key).isEmpty)
  }

  @Test(
    "what a job without a model cost: nothing if it never ran, what it trained on, or unknown",
    arguments: [
      ("failed", false, nil as Int?, Money.zero as Money?), ("failed", true, nil, nil),
      ("failed", true, 100, Money(nanos: 2_500_000)),
      ("cancelled", true, 100, Money(nanos: 2_500_000)),
      ("cancelled", false, nil, nil),
    ]
  )
  func settlesFailures(status: String, runs: Bool, tokens: Int?, cost: Money?) async throws {
    let server = JobServer(poll: { number in
      if runs, number == 1 { return .running() }
      return .status(status, JSONObject([("trained_tokens", tokens.map { JSON($0) } ?? .null)]))
    })
    let fixture = try await Fixture(server.answer)
    let endpoint = try endpoint(fixture, price: 25)
    let request = try request(fixture)
    await #expect(throws: FineTuningError.self) {
      try await service(fixture).tune(request, key: Self.key, at: endpoint)
    }
    let job = try #require(try await fixture.store.ledger.jobs(key: Self.key).first)
    #expect(job.cost == cost)
    let spending = try await fixture.store.ledger.spending(account: "flow")
    #expect(spending.committed == cost ?? Money(nanos: 16 * 5 * 25_000))
  }

  @Test("a job that the service refuses costs nothing, and frees its reservation")
  func freesRefusals() async throws {
    let server = JobServer(creation: { _ in .refused(.answer(400, Chat.error("no"))) })
    let fixture = try await Fixture(server.answer)
    let endpoint = try endpoint(fixture, price: 25)
    let request = try request(fixture)
    await #expect(throws: FineTuningError.self) {
      try await service(fixture).tune(request, key: Self.key, at: endpoint)
    }
    #expect(try await fixture.store.ledger.spending(account: "flow").committed == .zero)
  }

  @Test("a price of nothing is known: the job costs nothing however many tokens nobody counted")
  func pricesFreeJobs() async throws {
    let server = JobServer(poll: { _ in
      .succeeded("ft:m:1", JSONObject([("trained_tokens", nil)]))
    })
    let fixture = try await Fixture(server.answer)
    let model = try await service(fixture).tune(
      try request(fixture),
      key: Self.key,
      at: try endpoint(fixture, price: 0)
    )
    #expect(model.trainedTokens == nil)
    #expect(model.cost == .zero)
  }
}
