import Primitives
import Store
import Testing

@Suite struct JobTests {
  private let key = Digest(of: "fine-tune")

  @Test func aJobIsIntendedOnceAndFollowedToItsEnd() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let intended = try #require(try await open(ledger).created)
    #expect(intended.state == .intended)
    #expect(intended.remoteID == nil)
    let created = try await ledger.updateJob(
      intended.id,
      remoteID: "ftjob-1",
      state: .created,
      detail: ["status": "queued"]
    )
    #expect(created.remoteID == "ftjob-1")
    let done = try await ledger.updateJob(
      intended.id,
      remoteID: nil,
      state: .succeeded,
      detail: ["model": "ft:1"]
    )
    #expect(done.remoteID == "ftjob-1")
    let found = try #require(try await open(ledger).existing)
    #expect(found.state == .succeeded)
    #expect(found.detail == ["model": "ft:1"])
    #expect(try await ledger.jobs().count == 1)
  }

  @Test(arguments: [JobState.failed, .cancelled])
  func aFailedJobIsNoObstacle(_ state: JobState) async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let first = try #require(try await open(ledger).created)
    try await ledger.updateJob(first.id, remoteID: "x", state: state, detail: [:])
    let second = try #require(try await open(ledger).created)
    #expect(second.tag != first.tag)
    #expect(try await ledger.jobs(key: key).map(\.state) == [state, .intended])
    #expect(try await ledger.jobs(key: Digest(of: "other")).isEmpty)
  }

  @Test func anIntentIsHandedOnWhenItsProcessEnds() async throws {
    let test = try await TestStore()
    let other = try await test.another()
    let intended = try #require(try await open(other.ledger).created)
    guard case .heldByOther = try await open(test.store.ledger) else {
      Issue.record("a job that another process follows was handed out")
      return
    }
    await other.close()
    let adopted = try #require(try await open(test.store.ledger).existing)
    #expect(adopted.tag == intended.tag)
    #expect(adopted.state == .intended)
  }

  @Test func anUnknownJobIsNamed() async throws {
    let test = try await TestStore()
    await #expect(throws: StoreError.noSuchJob(7)) {
      try await test.store.ledger.updateJob(7, remoteID: nil, state: .failed, detail: [:])
    }
  }

  @Test func aJobIsReservedAndSettledLikeACall() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let budget = Budget(account: "w", limit: Money(usd: 10))
    let job = try #require(try await open(ledger, usd: 6, budget).created)
    #expect(job.reserved == Money(usd: 6))
    #expect(job.account == "w")
    #expect(try await ledger.spending(account: "w").reserved == Money(usd: 6))
    let second = try await open(ledger, Digest(of: "second"), usd: 5, budget)
    guard case .overBudget(let shortfall) = second else {
      Issue.record("a job beyond the budget was intended")
      return
    }
    #expect(shortfall.reserved == Money(usd: 6))
    #expect(try await ledger.jobs().count == 1)
    let cost = Money(usd: 2.5)
    try await ledger.updateJob(job.id, remoteID: "x", state: .succeeded, detail: [:], cost: cost)
    try await ledger.updateJob(job.id, remoteID: nil, state: .succeeded, detail: ["a": 1])
    #expect(try await ledger.job(job.id).cost == cost)
    let spending = try await ledger.spending(account: "w")
    #expect(spending == Spending(settled: cost, reserved: .zero, unpriced: 0))
    #expect(try Recount.differences(test.path) == "")
    #expect(try await open(ledger, Digest(of: "second"), usd: 5, budget).created != nil)
  }

  @Test func aJobThatWasNeverMadeGivesItsReservationBack() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let job = try #require(try await open(ledger, usd: 6).created)
    try await ledger.updateJob(job.id, remoteID: nil, state: .failed, detail: [:])
    #expect(try await ledger.spending(account: "w").reserved == Money(usd: 6), "not known")
    try await ledger.updateJob(job.id, remoteID: nil, state: .failed, detail: [:], cost: .zero)
    #expect(try await ledger.spending(account: "w") == Spending())
  }

  @Test func jobsAreListedByKeyKindAndState() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let tuning = try #require(try await open(ledger).created)
    try await ledger.updateJob(tuning.id, remoteID: "x", state: .succeeded, detail: [:])
    let deployment = try await ledger.openJob(
      key: Digest(of: "deployment"),
      kind: .deployment,
      model: "m",
      runID: nil,
      detail: ["sku": "standard"]
    )
    #expect(deployment.created?.detail == ["sku": "standard"])
    #expect(try await ledger.jobs().map(\.kind) == [.fineTune, .deployment])
    #expect(try await ledger.jobs(kind: .deployment).map(\.runID) == [nil])
    #expect(try await ledger.jobs(openOnly: true).map(\.kind) == [.deployment])
    #expect(try await ledger.jobs(key: key, openOnly: true).isEmpty)
    #expect(try await ledger.jobs().map(\.isFollowed) == [false, true])
    let reader = try await test.another(.readOnly)
    #expect(try await reader.ledger.jobs().map(\.isFollowed) == [false, true])
  }

  private func open(
    _ ledger: Ledger,
    _ other: Digest? = nil,
    usd: Double? = nil,
    _ budget: Budget? = nil
  ) async throws -> JobClaim {
    try await ledger.openJob(
      key: other ?? key,
      kind: .fineTune,
      model: "m",
      runID: "run-1",
      reserve: usd.map { Money(usd: $0) },
      account: "w",
      budgets: budget.map { [$0] } ?? []
    )
  }
}

extension JobClaim {
  fileprivate var created: RemoteJob? { if case .created(let job) = self { job } else { nil } }
  fileprivate var existing: RemoteJob? { if case .existing(let job) = self { job } else { nil } }
}
