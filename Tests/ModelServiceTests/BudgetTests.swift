import Diagnostics
import ModelService
import Primitives
import Store
import TestSupport
import Testing
import Transfer

@Suite("Money")
struct BudgetTests {
  /// A dollar a token: 5 completion tokens and 7 of the prompt cost 12 USD (`Chat.body`).
  private static let dear = Pricing(input: 1e6, output: 1e6)
  private static let decoding = DecodingParameters(maxTokens: 10)

  /// "row 00": 6 bytes, 16 for the message, 64 for the prompt, 10 tokens of answer.
  private static let worstCase = Money(usd: 96)

  private static func asking(_ number: Int) -> LogicalRequest {
    .asking(number < 10 ? "row 0\(number)" : "row \(number)", decoding: decoding)
  }

  private static func budget(_ usd: Double) -> [Budget] {
    [Budget(account: "flow", limit: Money(usd: usd))]
  }

  @Test("what calls cost is counted, as is what reused answers had cost")
  func countsMoney() async throws {
    let fixture = try await Fixture { request in
      .answer(200, Chat.body("x", usage: request.number == 3 ? nil : Chat.usage))
    }
    let endpoint = try fixture.endpoint(pricing: Self.dear)
    let service = fixture.service(account: "flow", budgets: Self.budget(1000))
    for number in 0..<3 { _ = try await service.answer(Self.asking(number), from: endpoint) }
    #expect(service.counts.spent == Money(usd: 24))
    #expect(service.counts.unknownCost == 1)
    // The cost of the third is not known, so its worst case stands.
    let spending = try await fixture.store.ledger.spending(account: "flow")
    #expect(spending.settled == Money(usd: 24))
    #expect(spending.reserved == Self.worstCase)

    let later = fixture.service()
    for number in 0..<3 {
      let result = try await later.answer(Self.asking(number), from: endpoint)
      #expect(result.cost == (number < 2 ? Money(usd: 12) : nil))
    }
    #expect(later.counts.saved == Money(usd: 24))
    #expect(later.counts.unknownSaved == 1)
    #expect(later.counts.spent == .zero)
  }

  @Test("a budget is spent as far as it goes, then everything that costs stops; others' go on")
  func stopsAtBudget() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint(pricing: Self.dear)
    let service = fixture.service(account: "flow", budgets: Self.budget(400))
    let stops = await Self.ask(100, service, endpoint)
    // 26 calls are settled at 312; with the 26th's 96 in reserve it would have been 396 before.
    #expect(fixture.server.received.count == 26)
    #expect(stops.count == 74)
    #expect(
      stops.first?.message
        == "the budget of 'flow' is used up: 312.00 USD spent of 400.00 USD, and the next call may "
        + "cost 96.00 USD"
    )
    #expect(stops.first?.isPause == true)
    #expect(Set(stops.map(\.message)).count == 1)
    #expect(try await fixture.store.ledger.spending(account: "flow").committed == Money(usd: 312))

    // Another model stops with it, and the next run at once: the budget is the workflow's.
    let other = try fixture.endpoint(model: "other", pricing: Self.dear)
    await #expect(throws: CallError.self) { try await service.answer(.asking("x"), from: other) }
    let next = fixture.service(runID: "next", account: "flow", budgets: Self.budget(400))
    await #expect(throws: CallError.self) {
      try await next.answer(Self.asking(200), from: endpoint)
    }
    #expect(fixture.server.received.count == 26)
    // With a higher one it goes on where it was.
    let richer = fixture.service(runID: "more", account: "flow", budgets: Self.budget(410))
    #expect(await Self.ask(100, richer, endpoint).count == 73)
    #expect(fixture.server.received.count == 27)
  }

  @Test("64 calls at once, with faults: what is committed is never above the budget")
  func holdsUnderLoad() async throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let faults = (0..<400).map { _ in generator.below(10) }
      let fixture = try await Fixture { request in
        switch faults[request.number % faults.count] {
        case 0: .answer(500, Chat.error("oops"))
        case 1: [.reset]
        case 2: .answer(200, Chat.body("x", usage: nil))
        case 3: .answer(400, Chat.error("no"))
        default: Chat.echo(request)
        }
      }
      let endpoint = try fixture.endpoint(
        limits: CallLimits(concurrency: 64),
        pricing: Self.dear
      )
      let limit = 1000 + Double(generator.below(3000))
      let services = (0..<2).map { number in
        fixture.service(runID: "\(number)", account: "flow", budgets: Self.budget(limit))
      }
      await withTaskGroup(of: Void.self) { group in
        for service in services {
          group.addTask { _ = await Self.ask(300, service, endpoint) }
        }
      }
      let spending = try await fixture.store.ledger.spending(account: "flow")
      #expect(spending.committed <= Money(usd: limit), "seed \(seed)")
      // As much was bought as could be: the next call did not fit.
      #expect(spending.committed + Self.worstCase > Money(usd: limit), "seed \(seed)")
      #expect(spending.unpriced == 0)
    }
  }

  @Test("with a budget, a call that may cost anything is refused before it is sent")
  func refusesUnlimitedCalls() async throws {
    let fixture = try await Fixture(Chat.echo)
    let service = fixture.service(account: "flow", budgets: Self.budget(400))
    let cases = [
      (
        Self.asking(1), nil,
        "there is a budget, and what model 'm' at '\(fixture.server.url)/v1' costs is not known"
      ),
      (
        Self.asking(2), Pricing(input: 1),
        "there is a budget, and what model 'm' at '\(fixture.server.url)/v1' costs is not known"
      ),
      (
        .asking("x"), Self.dear,
        "there is a budget, and a call to model 'm' at '\(fixture.server.url)/v1' has no limit on its answer's tokens"
      ),
    ]
    for (request, pricing, message) in cases {
      let endpoint = try fixture.endpoint(pricing: pricing)
      let problem = #expect(throws: Problem.self) {
        try service.check(request, from: endpoint)
      }
      #expect(problem?.message == message)
      let error = await #expect(throws: CallError.self) {
        try await service.answer(request, from: endpoint)
      }
      #expect(error?.description == message)
      // Without a budget it is made, and its cost is unknown.
      let free = fixture.service()
      _ = try await free.answer(request, from: endpoint)
    }
    #expect(fixture.server.received.count == 3)
  }

  @Test("a limit of the run is one of its own")
  func limitsRuns() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint(pricing: Self.dear)
    let budgets = Self.budget(10_000) + [Budget(account: Budget.run("a"), limit: Money(usd: 100))]
    let service = fixture.service(runID: "a", account: "flow", budgets: budgets)
    let stops = await Self.ask(5, service, endpoint)
    #expect(stops.count == 4)
    #expect(
      stops.first?.message
        == "the limit of this run is used up: 12.00 USD spent of 100.00 USD, and the next call may "
        + "cost 96.00 USD"
    )
    #expect(stops.first?.hint?.hasPrefix("run again with a higher --max-cost") == true)
  }

  @Test("a rejected request costs nothing, an answer beyond all limits as much as can be")
  func chargesRejections() async throws {
    let fixture = try await Fixture { request in
      request.number == 1
        ? .answer(400, Chat.error("no"))
        : .answer(200, Chat.body(String(repeating: "x", count: 9999)))
    }
    let endpoint = try fixture.endpoint(
      pricing: Self.dear,
      transfer: TransferLimits(responseBytes: 2000)
    )
    let service = fixture.service(account: "flow", budgets: Self.budget(400))
    #expect(try await service.answer(Self.asking(1), from: endpoint).cost == .zero)
    #expect(try await service.answer(Self.asking(2), from: endpoint).cost == Self.worstCase)
    let spending = try await fixture.store.ledger.spending(account: "flow")
    #expect(spending.committed == Self.worstCase)
  }

  /// Asks so many at once; the stops that came.
  private static func ask(
    _ count: Int,
    _ service: CallService,
    _ endpoint: ModelEndpoint
  ) async -> [EndpointStop] {
    await withTaskGroup(of: EndpointStop?.self) { group in
      for number in 0..<count {
        group.addTask {
          do {
            _ = try await service.answer(asking(number), from: endpoint)
            return nil
          } catch CallError.stopped(let stop) {
            return stop
          } catch {
            return nil
          }
        }
      }
      return await group.reduce(into: []) { stops, stop in if let stop { stops.append(stop) } }
    }
  }
}
