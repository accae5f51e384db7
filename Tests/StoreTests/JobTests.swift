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

  private func open(_ ledger: Ledger) async throws -> JobClaim {
    try await ledger.openJob(key: key, kind: .fineTune, model: "m", runID: "run-1")
  }
}

extension JobClaim {
  fileprivate var created: RemoteJob? { if case .created(let job) = self { job } else { nil } }
  fileprivate var existing: RemoteJob? { if case .existing(let job) = self { job } else { nil } }
}
