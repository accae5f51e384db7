import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// What counts against a budget, and that nothing gets past it.
@Suite struct BudgetTests {
  private static let dollar = Budget(account: "w", limit: Money(usd: 1))

  @Test func aReservationBecomesTheCost() async throws {
    let test = try await TestStore()
    let attempt = try #require(try await claim(test, "a", usd: 0.6).attempt)
    #expect(try await committed(test) == ["w": [0, 0.6], "run:run-1": [0, 0.6]])
    try await settle(test, attempt, cost: 0.25)
    #expect(try await committed(test) == ["w": [0.25, 0], "run:run-1": [0.25, 0]])
    #expect(try await test.store.ledger.answer(for: attempt.key)?.cost == Money(usd: 0.25))
    #expect(try Recount.differences(test.path) == "")
  }

  @Test func whatDoesNotFitIsNotGrantedAndLeavesNothing() async throws {
    let test = try await TestStore()
    _ = try #require(try await claim(test, "a", usd: 0.6).attempt)
    let shortfall = try #require(try await claim(test, "b", usd: 0.5).shortfall)
    #expect(shortfall.budget == Self.dollar)
    #expect(shortfall.settled == .zero)
    #expect(shortfall.reserved == Money(usd: 0.6))
    #expect(shortfall.needed == Money(usd: 0.5))
    #expect(try await test.store.ledger.calls(limit: 10).count == 1)
    #expect(try await claim(test, "b", usd: 0.4).attempt != nil, "exactly the limit")
    #expect(try await committed(test)["w"] == [0, 1])
  }

  @Test func theBudgetOfARunIsItsOwn() async throws {
    let test = try await TestStore()
    let limit = Budget(account: Budget.run("run-2"), limit: Money(usd: 0.5))
    _ = try #require(try await claim(test, "a", usd: 0.9).attempt)
    #expect(try await claim(test, "b", run: "run-2", usd: 0.6, [limit]).shortfall?.budget == limit)
    #expect(try await claim(test, "b", run: "run-2", usd: 0.4, [limit]).attempt != nil)
    #expect(try await claim(test, "c", run: "run-2", usd: 0.2, [limit]).shortfall != nil)
    #expect(try await claim(test, "c", run: "run-3", usd: 0.2, []).attempt != nil)
  }

  @Test func whatIsFreeIsGrantedAndWhatIsUnknownIsNot() async throws {
    let test = try await TestStore()
    _ = try #require(try await claim(test, "a", usd: 1).attempt)
    #expect(try await claim(test, "free", usd: 0).attempt != nil)
    let unknown = try #require(try await claim(test, "unknown", usd: nil).shortfall)
    #expect(unknown.needed == Money(nanos: .max))
    #expect(try await claim(test, "unknown", usd: nil, []).attempt != nil)
    let spending = try await test.store.ledger.spending(account: "w")
    #expect(spending == Spending(settled: .zero, reserved: Money(usd: 1), unpriced: 1))
  }

  @Test func aRecordedAnswerNeedsNoBudget() async throws {
    let test = try await TestStore()
    let attempt = try #require(try await claim(test, "a", usd: 1).attempt)
    try await settle(test, attempt, cost: 1)
    #expect(try await claim(test, "a", usd: 1).answer != nil)
    #expect(try await claim(test, "b", usd: 0.01).shortfall != nil)
  }

  /// Each end of an attempt, with what then stands of 0.4 USD reserved.
  @Test(arguments: [
    ("released", [0, 0]), ("rejected", [0, 0]), ("cost unknown", [0, 0.4]), ("in doubt", [0, 0.4]),
    ("lost", [0, 0.4]), ("skipped", [0, 0.4]), ("late", [0.3, 0]), ("lost, not sent", [0, 0]),
  ])
  func whatStandsAfterAnEnd(_ end: String, _ expected: [Double]) async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let attempt = try #require(try await claim(test, "a", usd: 0.4).attempt)
    switch end {
    case "released": try await ledger.release(attempt, .notSent)
    case "rejected": try await settle(test, attempt, .rejected, cost: nil)
    case "cost unknown": try await settle(test, attempt, cost: nil)
    default:
      try await ledger.leaveInDoubt(attempt, detail: nil)
      let doubt = try #require(try await ledger.inDoubt().first)
      if end == "skipped" { #expect(try await ledger.skip(doubt, body: Array("{}".utf8))) }
      if end == "lost" { #expect(try await ledger.allowResend(doubt)) }
      if end == "late" {
        try await ledger.allowResend(doubt)
        try await settle(test, attempt, cost: 0.3)
      }
      if end == "lost, not sent" {
        try await ledger.allowResend(doubt)
        try await ledger.release(attempt, .notSent)
      }
    }
    #expect(try await committed(test) == ["w": expected, "run:run-1": expected])
    #expect(try Recount.differences(test.path) == "")
  }

  @Test func aLateAnswerOfASkippedCallIsTaken() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let attempt = try #require(try await claim(test, "a", usd: 0.4).attempt)
    try await ledger.leaveInDoubt(attempt, detail: nil)
    let doubt = try #require(try await ledger.inDoubt().first)
    try await ledger.skip(doubt, body: Array("{}".utf8))
    #expect(try await claim(test, "a", usd: 0.4).answer?.outcome == .skipped)
    try await settle(test, attempt, cost: 0.1)
    #expect(try await claim(test, "a", usd: 0.4).answer?.outcome == .answered)
    #expect(try await committed(test)["w"] == [0.1, 0])
  }

  @Test func aResendThatDoesNotFitStaysInDoubt() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let attempt = try #require(try await claim(test, "a", usd: 0.6).attempt)
    try await ledger.leaveInDoubt(attempt, detail: nil)
    let request = request("a", usd: 0.6, [Self.dollar])
    #expect(try await ledger.claim(request, resendInDoubt: true).shortfall != nil)
    #expect(try await ledger.inDoubt().map(\.attempt.number) == [1])
    #expect(try await ledger.inDoubt().first?.reserved == Money(usd: 0.6))
    let cheaper = self.request("a", usd: 0.4, [Self.dollar])
    #expect(try await ledger.claim(cheaper, resendInDoubt: true).attempt?.number == 2)
    #expect(try await committed(test)["w"] == [0, 1])
  }

  @Test func resumingDoesNotResetIt() async throws {
    let test = try await TestStore()
    let attempt = try #require(try await claim(test, "a", usd: 0.6).attempt)
    try await settle(test, attempt, cost: 0.5)
    _ = try #require(try await claim(test, "b", usd: 0.4).attempt)
    await test.store.close()
    let again = try await test.another()
    let request = request("c", usd: 0.2, [Self.dollar])
    #expect(try await again.ledger.claim(request).shortfall?.reserved == Money(usd: 0.4))
  }

  @Test func anUnknownAccountHasCommittedNothing() async throws {
    let test = try await TestStore()
    let spending = try await test.store.ledger.spending(account: "nobody")
    #expect(spending == Spending())
    #expect(spending.committed == .zero)
  }

  @Test func twoStoresShareOneCap() async throws {
    let test = try await TestStore()
    let stores = [test.store, try await test.another()]
    let granted = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        let ledger = stores[number % 2].ledger
        let request = request("call \(number)", usd: 0.02, [Self.dollar])
        group.addTask {
          guard let attempt = try await ledger.claim(request).attempt else { return 0 }
          try await ledger.leaveInDoubt(attempt, detail: nil)
          return 1
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(granted == 50)
    #expect(try await committed(test)["w"] == [0, 1])
  }

  /// Two processes at a time spend from one account, and are killed at random moments.
  @Test func noKillBreaksTheCapOrTheAccounts() async throws {
    let test = try await TestStore()
    var rounds = 0
    var spent = Money.zero
    while rounds < 12 {
      rounds += 1
      let children = try (0..<2).map { _ in try Workload.spending.start(store: test.path) }
      try await Task.sleep(for: .milliseconds(.random(in: 60...500)))
      for child in children {
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
      }
      let spending = try await test.store.ledger.spending(account: Spender.budget.account)
      #expect(spending.committed <= Spender.budget.limit)
      #expect(spending.settled >= spent)
      #expect(try Recount.differences(test.path) == "")
      spent = spending.settled
    }
    try await Spender(ledger: test.store.ledger).spendAll()
    let spending = try await test.store.ledger.spending(account: Spender.budget.account)
    #expect(spending.committed <= Spender.budget.limit)
    #expect(spending.committed > Spender.budget.limit - Money(nanos: 2_000_001))
    #expect(try Recount.differences(test.path) == "")
    #expect(try await test.store.verify().isSound)
  }

  // MARK: Helpers

  private func request(
    _ name: String,
    run: String = "run-1",
    usd: Double?,
    _ budgets: [Budget]
  ) -> CallRequest {
    CallRequest(
      key: Digest(of: name),
      model: "test://model",
      request: Array("{}".utf8),
      runID: run,
      reserve: usd.map { Money(usd: $0) },
      account: "w",
      budgets: budgets
    )
  }

  private func claim(
    _ test: TestStore,
    _ name: String,
    run: String = "run-1",
    usd: Double?,
    _ budgets: [Budget] = [dollar]
  ) async throws -> Claim {
    try await test.store.ledger.claim(request(name, run: run, usd: usd, budgets))
  }

  private func settle(
    _ test: TestStore,
    _ attempt: Attempt,
    _ outcome: Outcome = .answered,
    cost: Double?
  ) async throws {
    try await test.store.ledger.settle(
      attempt,
      outcome,
      body: Array("{}".utf8),
      servedModel: nil,
      tokens: TokenCounts(),
      cost: cost.map { Money(usd: $0) }
    )
  }

  /// Settled and reserved dollars of the two accounts.
  private func committed(_ test: TestStore) async throws -> [String: [Double]] {
    var amounts: [String: [Double]] = [:]
    for account in ["w", "run:run-1"] {
      let spending = try await test.store.ledger.spending(account: account)
      amounts[account] = [spending.settled.usd, spending.reserved.usd]
    }
    return amounts
  }
}
