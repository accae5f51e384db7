import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("A job survives the end of its process")
struct FineTuningKillTests {
  private static let key = Digest(of: "the instance's action key")
  private static let rows = String(repeating: #"{"messages":[]}"# + "\n", count: 10)

  private func endpoint(_ fixture: Fixture, isAzure: Bool) throws -> ModelEndpoint {
    try ModelEndpoint(
      address: try ServiceAddress(baseURL: fixture.server.url + (isAzure ? "" : "/v1")),
      model: "m",
      identity: .named("test-m", revision: nil),
      dialect: isAzure ? .azure(apiVersion: "2024-10-21") : nil,
      pricing: Pricing(training: 10)
    )
  }

  @Test(
    "killed at any point, by any dialect: one job, one upload, and the model's name",
    arguments: KillPoint.all,
    [false, true]
  )
  func survives(point: KillPoint, isAzure: Bool) async throws {
    // A point is passed once; each case has its own.
    let point = KillPoint(point.moment, isAnswered: point.isAnswered)
    let results = ["result-1": "step,train_loss\n1,0.5\n"]
    let server = JobServer(
      poll: { _ in .succeeded("ft:m:1", JSONObject([("result_files", ["result-1"])])) },
      results: results,
      filters: !isAzure,
      hasEvents: false,
      hook: point.pass
    )
    // Of other people, and one that bears another tag.
    server.add(request: ["training_file": "file-9"])
    server.add(tag: "distill-other")
    let fixture = try await Fixture(server.answer)
    let request = FineTuningRequest(
      trainingFile: try fixture.folder.write(Self.rows, to: "rows.jsonl"),
      epochs: 2
    )
    let endpoint = try endpoint(fixture, isAzure: isAzure)
    let killed = try await fixture.kill(at: point) { service in
      try await service.fineTuning.tune(request, key: Self.key, at: endpoint)
    }

    let model = try await fixture.service(runID: "later").fineTuning.tune(
      request,
      key: Self.key,
      at: endpoint
    )
    #expect(model.name == "ft:m:1")
    #expect(model.jobID == "ftjob-3")
    #expect(model.cost == Money(tokens: 1234, perMillion: 10))
    #expect(model.resultFiles.map(\.name) == ["result-1.csv"])
    #expect(model.metrics == [["step": 1, "train_loss": 0.5]])
    #expect(server.jobs.count == 3)
    #expect(server.files.count == 1)
    let job = try #require(try await fixture.store.ledger.jobs(key: Self.key).first)
    #expect(try await fixture.store.ledger.jobs(key: Self.key).count == 1)
    #expect(job.state == .succeeded)
    #expect(job.cost == model.cost)
    #expect(RemoteJobDetail(json: job.detail).tuned == model)
    fixture.server.stop()
    _ = await killed.result
  }

  @Test("killed before anything was sent: the next run creates the job")
  func survivesIntent() async throws {
    let server = JobServer()
    let fixture = try await Fixture(server.answer)
    let endpoint = try endpoint(fixture, isAzure: false)
    let killed = try await Store.open(at: fixture.store.path, mode: .existing)
    _ = try await killed.ledger.openJob(
      key: Self.key,
      kind: .fineTune,
      model: endpoint.identity.text,
      runID: "killed"
    )
    await killed.close()
    let request = FineTuningRequest(
      trainingFile: try fixture.folder.write(Self.rows, to: "rows.jsonl"),
      epochs: 2
    )
    _ = try await fixture.service().fineTuning.tune(request, key: Self.key, at: endpoint)
    #expect(server.jobs.count == 1)
    #expect(server.files.count == 1)
  }
}
