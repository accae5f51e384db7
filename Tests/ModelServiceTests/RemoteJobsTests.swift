import Diagnostics
import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("Jobs are ended by their tags")
struct RemoteJobsTests {
  private func jobs(_ fixture: Fixture) -> RemoteJobs {
    RemoteJobs(
      ledger: fixture.store.ledger,
      transfer: fixture.transfer,
      time: fixture.clock.timekeeper
    )
  }

  /// A fine-tuning job that a stopped run left behind.
  private func left(_ server: JobServer) async throws -> (fixture: Fixture, job: RemoteJob) {
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    let request = FineTuningRequest(
      trainingFile: try fixture.folder.write("{}", to: "rows.jsonl"),
      epochs: 1
    )
    let service = fixture.service()
    let task = Task {
      try await service.fineTuning.tune(request, key: Digest(of: "a"), at: endpoint)
    }
    while server.jobs.first?.polls ?? 0 == 0 { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    _ = await task.result
    return (fixture, try #require(try await fixture.store.ledger.jobs().first))
  }

  @Test("a fine-tuning job is found by its tag, its id and the start of its tag, and cancelled")
  func cancels() async throws {
    let server = JobServer(poll: { _ in .running() })
    let (fixture, job) = try await left(server)
    let jobs = jobs(fixture)
    for name in [
      job.tag, "ftjob-1", String(job.tag.prefix(12)), String(job.tag.dropFirst(8).prefix(5)),
    ] {
      #expect(try await jobs.job(name).id == job.id)
    }
    #expect(try await jobs.status(of: job) == "running")
    #expect(try await jobs.cancel(job) == .asked(status: "cancelled"))
    #expect(server.jobs.map(\.isCancelled) == [true])
    let ended = try await jobs.job(job.tag)
    #expect(ended.state == .cancelled)
    #expect(RemoteJobDetail(json: ended.detail).message == "cancelled by 'distill jobs cancel'")
    #expect(try await jobs.cancel(ended) == .hadEnded(status: "cancelled"))

    let problem = await #expect(throws: Problem.self) { try await jobs.job("nothing") }
    #expect(problem?.message == "there is no job 'nothing'")
    let endpoint = try fixture.endpoint()
    _ = try await fixture.store.ledger.openJob(
      key: Digest(of: "b"),
      kind: .fineTune,
      model: endpoint.identity.text,
      runID: nil
    )
    let several = await #expect(throws: Problem.self) { try await jobs.job("distill-") }
    #expect(several?.message.hasPrefix("'distill-' may be any of the jobs distill-") == true)
  }

  @Test("one that had ended says how; one that never was is ended here")
  func tellsEnds() async throws {
    let server = JobServer(poll: { $0 < 3 ? .running() : .succeeded() })
    let (fixture, job) = try await left(server)
    let jobs = jobs(fixture)
    _ = try await jobs.status(of: job)
    #expect(try await jobs.status(of: job) == "succeeded")

    let endpoint = try fixture.endpoint()
    let killed = try await Store.open(at: fixture.store.path, mode: .existing)
    _ = try await killed.ledger.openJob(
      key: Digest(of: "b"),
      kind: .fineTune,
      model: endpoint.identity.text,
      runID: nil,
      reserve: Money(usd: 5),
      account: "flow",
      detail: RemoteJobDetail(service: RemoteJobService(endpoint)).json
    )
    let never = try #require(try await fixture.store.ledger.jobs(key: Digest(of: "b")).first)
    let early = await #expect(throws: Problem.self) { try await jobs.cancel(never) }
    #expect(early?.message.hasSuffix("is just being created by a process that runs") == true)
    await killed.close()
    #expect(try await jobs.cancel(never) == .neverCreated)
    #expect(try await fixture.store.ledger.spending(account: "flow").committed == .zero)
    #expect(try await fixture.store.ledger.jobs(key: Digest(of: "b")).map(\.state) == [.cancelled])
  }

  @Test("a batch is cancelled; what it did until then is fetched by the next run")
  func cancelsBatches() async throws {
    let point = KillPoint(.poll, isAnswered: true)
    let server = BatchServer(status: { _ in "in_progress" }, hook: point.pass)
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(["a"], endpoint)
    let service = fixture.service()
    let task = Task { try await service.batches.answer(calls, from: endpoint) }
    await point.waitForArrival()
    task.cancel()
    point.open()
    _ = await task.result
    let job = try #require(try await fixture.store.ledger.jobs().first)
    #expect(try await jobs(fixture).cancel(job) == .asked(status: "cancelling"))
    #expect(server.batches.map(\.isCancelled) == [true])
    #expect(try await fixture.store.ledger.jobs().map(\.state) == [.created])
  }

  @Test("a job of an earlier version is no riddle: what is known of it is said")
  func explainsOldJobs() async throws {
    let fixture = try await Fixture { _ in .answer(500) }
    _ = try await fixture.store.ledger.openJob(
      key: Digest(of: "a"),
      kind: .fineTune,
      model: "m",
      runID: nil
    )
    let job = try #require(try await fixture.store.ledger.jobs().first)
    let problem = await #expect(throws: Problem.self) { try await jobs(fixture).cancel(job) }
    #expect(problem?.hint == "see to it at its service; its id there is 'unknown'")
  }
}
