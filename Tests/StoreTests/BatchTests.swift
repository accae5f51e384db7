import Primitives
import Store
import TestSupport
import Testing

/// Calls that wait in a batch: claimed at once, in nobody's doubt while it lasts, answered or freed.
@Suite struct BatchTests {
  private let key = Digest(of: "batch")

  @Test func whatIsFreeIsGrantedAndTheRestSaysWhy() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let done = try #require(try await ledger.claim(call("done")).attempt)
    try await ledger.settle(done, text: "x")
    let doubtful = try #require(try await ledger.claim(call("doubtful")).attempt)
    try await ledger.leaveInDoubt(doubtful, detail: nil)
    let other = try await test.another()
    _ = try #require(try await other.ledger.claim(call("theirs")).attempt)
    let flying = try #require(try await ledger.claim(call("flying")).attempt)

    let claim = try await claim(
      ledger,
      ["a", "done", "doubtful", "theirs", "flying", "b", "a"].map { call($0) }
    )
    #expect(claim.granted.map(\.key) == [Digest(of: "a"), Digest(of: "b")])
    let job = try #require(claim.job)
    #expect(job.state == .intended)
    #expect(job.kind == .batch)
    #expect(job.detail == ["part": 1])
    func why(_ name: String) -> Claim? {
      claim.others.first { $0.key == Digest(of: name) }?.claim
    }
    #expect(claim.others.count == 5)
    #expect(why("done")?.answer != nil)
    #expect(why("doubtful")?.doubt != nil)
    #expect(why("theirs")?.isHeldByOther == true)
    #expect(why("flying")?.isHeldByOther == true)
    #expect(why("a")?.batch?.id == job.id)
    try await ledger.settle(flying, text: "x")
    #expect(try await ledger.claim(call("b")).batch?.tag == job.tag)
    #expect(try await ledger.openCalls(of: job) == claim.granted)
  }

  @Test func withoutAFreeCallThereIsNoJob() async throws {
    let test = try await TestStore()
    let done = try #require(try await test.store.ledger.claim(call("done")).attempt)
    try await test.store.ledger.settle(done, text: "x")
    let claim = try await claim(test.store.ledger, [call("done")])
    #expect(claim.job == nil)
    #expect(claim.granted.isEmpty)
    #expect(try await test.store.ledger.jobs().isEmpty)
    #expect(try Recount.differences(test.path) == "")
  }

  @Test func itIsAdoptedWhenItsProcessEnds() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let other = try await test.another()
    let theirs = try await claim(other.ledger, ["a", "b"].map { call($0) })
    let job = try #require(theirs.job)
    try await other.ledger.updateJob(job.id, remoteID: "batch-1", state: .created, detail: [:])
    #expect(try await ledger.claim(call("a")).isHeldByOther)
    #expect(try await ledger.adoptJob(job.id) == nil)
    #expect(try await ledger.job(job.id).isFollowed)
    await other.close()

    try await ledger.waitForOther(Digest(of: "a"))
    #expect(try await ledger.claim(call("a")).batch?.isFollowed == false)
    #expect(try await ledger.inDoubt().isEmpty)
    let adopted = try #require(try await ledger.adoptJob(job.id))
    #expect(adopted.remoteID == "batch-1")
    #expect(adopted.isFollowed)
    let open = try await ledger.openCalls(of: adopted)
    #expect(open == theirs.granted)
    #expect(open.map(\.idempotencyKey) == theirs.granted.map(\.idempotencyKey))
    try await ledger.settleAll(open.map { settlement($0) })
    #expect(try await ledger.openCalls(of: adopted).isEmpty)
    try await ledger.endJob(job.id, state: .succeeded, detail: [:], remaining: .release(.notSent))
    #expect(try await ledger.adoptJob(job.id) == nil)
    #expect(try await ledger.lookup(open.map(\.key)).count == 2)
  }

  @Test func leavingAJobLetsTheNextAdoptIt() async throws {
    let test = try await TestStore()
    let job = try #require(try await claim(test.store.ledger, [call("a")]).job)
    let other = try await test.another()
    #expect(try await other.ledger.adoptJob(job.id) == nil)
    try await test.store.ledger.leaveJob(job.id)
    #expect(try await other.ledger.adoptJob(job.id) != nil)
    #expect(try await test.store.ledger.claim(call("a")).isHeldByOther)
  }

  @Test func whatAnExpiredBatchDidNotDoIsFree() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let requests = ["a", "b", "c"].map { call($0, usd: 0.1) }
    let claim = try await claim(ledger, requests)
    let job = try #require(claim.job)
    #expect(try await ledger.spending(account: "w").reserved == Money(usd: 0.3))
    try await ledger.settleAll([settlement(claim.granted[1], usd: 0.04)])
    try await ledger.endJob(job.id, state: .failed, detail: [:], remaining: .release(.declined))
    let spending = try await ledger.spending(account: "w")
    #expect(spending == Spending(settled: Money(usd: 0.04), reserved: .zero, unpriced: 0))
    #expect(try Recount.differences(test.path) == "")
    #expect(try await ledger.inDoubt().isEmpty)
    #expect(try await ledger.claim(call("a")).attempt?.number == 2)
    #expect(try await ledger.claim(call("b")).answer != nil)
    let outcomes = try await ledger.attempts(of: Digest(of: "c")).map(\.outcome)
    #expect(outcomes == ["declined"])
  }

  @Test func whatMayHaveBeenDoneIsInDoubtWithTheEnd() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let claim = try await claim(ledger, ["a", "b"].map { call($0, usd: 0.1) })
    let job = try #require(claim.job)
    try await ledger.endJob(
      job.id,
      state: .failed,
      detail: [:],
      remaining: .leaveInDoubt(detail: ["message": "no output"])
    )
    #expect(
      try await ledger.inDoubt().map(\.detail)
        == Array(repeating: #"{"message":"no output"}"#, count: 2)
    )
    #expect(try await ledger.spending(account: "w").reserved == Money(usd: 0.2))
    #expect(try await ledger.claim(call("a"), resendInDoubt: true).attempt?.number == 2)
  }

  @Test func theBudgetCutsABatchShort() async throws {
    let test = try await TestStore()
    let budget = Budget(account: "w", limit: Money(usd: 0.25))
    let requests = ["a", "b", "c"].map { call($0, usd: 0.1, [budget]) }
    let claim = try await claim(test.store.ledger, requests)
    #expect(claim.granted.count == 2)
    #expect(claim.others.map(\.key) == [Digest(of: "c")])
    #expect(claim.others.first?.claim.shortfall?.reserved == Money(usd: 0.2))
  }

  @Test func aHeldCallThatIsReleasedLeavesTheBatch() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let claim = try await claim(ledger, ["a", "b"].map { call($0) })
    let job = try #require(claim.job)
    try await ledger.release(claim.granted[0], .declined)
    try await ledger.leaveInDoubt(claim.granted[1], detail: nil)
    #expect(try await ledger.openCalls(of: job).isEmpty)
    #expect(try await ledger.inDoubt().map(\.key) == [Digest(of: "b")])
    #expect(try await ledger.claim(call("a")).attempt?.number == 2)
  }

  @Test func fiftyThousandCallsGoThrough() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let claim = try await claim(ledger, (0..<50_000).map { call("\($0)", usd: 0.000_1) })
    let job = try #require(claim.job)
    #expect(claim.granted.count == 50_000)
    try await ledger.settleAll(claim.granted.dropLast(10).map { settlement($0, usd: 0.000_05) })
    #expect(try await ledger.openCalls(of: job) == claim.granted.suffix(10))
    try await ledger.endJob(job.id, state: .succeeded, detail: [:], remaining: .release(.notSent))
    let stats = try await test.store.stats()
    #expect(stats.attempts["answered"]?.count == 49_990)
    #expect(stats.attempts["not-sent"]?.count == 10)
    #expect(stats.attempts["open"] == nil)
    #expect(try await ledger.spending(account: "w").settled == Money(nanos: 49_990 * 50_000))
    #expect(try Recount.differences(test.path) == "")
  }

  // MARK: Helpers

  private func call(
    _ name: String,
    usd: Double? = nil,
    _ budgets: [Budget] = []
  ) -> CallRequest {
    CallRequest(
      key: Digest(of: name),
      model: "test://model",
      request: Array("{}".utf8),
      runID: "run-1",
      reserve: usd.map { Money(usd: $0) },
      account: "w",
      budgets: budgets
    )
  }

  private func claim(_ ledger: Ledger, _ calls: [CallRequest]) async throws -> BatchClaim {
    try await ledger.claimBatch(
      calls,
      key: key,
      model: "test://model",
      runID: "run-1",
      account: "w",
      detail: ["part": 1]
    )
  }

  private func settlement(_ attempt: Attempt, usd: Double? = nil) -> Settlement {
    Settlement(
      attempt,
      .answered,
      body: Array("x".utf8),
      servedModel: nil,
      tokens: TokenCounts(),
      cost: usd.map { Money(usd: $0) }
    )
  }
}
