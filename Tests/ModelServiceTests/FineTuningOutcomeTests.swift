import Diagnostics
import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("What is kept of a fine-tuning job")
struct FineTuningOutcomeTests {
  private static let key = Digest(of: "the instance's action key")

  private func request(_ fixture: Fixture) throws -> FineTuningRequest {
    FineTuningRequest(
      trainingFile: try fixture.folder.write(#"{"messages":[]}"#, to: "rows.jsonl"),
      epochs: 5
    )
  }

  @Test(
    "result files and checkpoints; the loss curve from the table where no event has figures",
    arguments: [
      "step,train_loss,valid_loss\n1,2.5,\n2,1.25,3\n",
      // The same in Base64, as OpenAI serves it.
      "c3RlcCx0cmFpbl9sb3NzLHZhbGlkX2xvc3MKMSwyLjUsCjIsMS4yNSwzCg==",
    ]
  )
  func keepsResults(table: String) async throws {
    let server = JobServer(
      poll: { _ in .succeeded("ft:m:1", JSONObject([("result_files", ["r-1", "gone"])])) },
      results: ["r-1": table],
      hasEvents: false
    )
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    let request = try request(fixture)
    let model = try await fixture.service().fineTuning.tune(request, key: Self.key, at: endpoint)
    #expect(
      model.metrics
        == [["step": 1, "train_loss": 2.5], ["step": 2, "train_loss": 1.25, "valid_loss": 3]]
    )
    // The one that is gone costs nothing but itself.
    #expect(model.resultFiles.map(\.name) == ["r-1.csv"])
    #expect(model.resultFiles.map { String(decoding: $0.bytes, as: UTF8.self) } == [table])
    #expect(model.checkpoints == [["id": "ckpt-1", "step_number": 7]])

    let requests = fixture.server.received.count
    let later = fixture.service(runID: "later").fineTuning
    #expect(try await later.tune(request, key: Self.key, at: endpoint) == model)
    #expect(fixture.server.received.count == requests)
  }

  @Test("figures of events count before those of the table")
  func prefersEvents() async throws {
    let server = JobServer(
      poll: { _ in .succeeded("ft:m:1", JSONObject([("result_files", ["r-1"])])) },
      results: ["r-1": "step,train_loss\n1,2.5\n"]
    )
    let fixture = try await Fixture(server.answer)
    let model = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: try fixture.endpoint()
    )
    #expect(model.metrics.count == 4)
    #expect(model.resultFiles.count == 1)
  }

  @Test("the ledger says how to reach the job, and never the key")
  func recordsTheWay() async throws {
    let server = JobServer()
    let fixture = try await Fixture(server.answer)
    let key = try fixture.folder.write("canary-key-0123456789\n", to: "key")
    _ = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: try fixture.endpoint(apiKey: .file(key))
    )
    let job = try #require(try await fixture.store.ledger.jobs(key: Self.key).first)
    let detail = RemoteJobDetail(json: job.detail)
    #expect(detail.service?.baseURL == "\(fixture.server.url)/v1")
    #expect(detail.service?.model == "m")
    #expect(detail.service?.dialect == "openai")
    #expect(detail.service?.key == .file(key))
    #expect(detail.status == "succeeded")
    #expect(detail.createdAt == 1_795_219_200)
    #expect(detail.files["training"] == "file-1")
    #expect(
      fixture.server.received.first?.header("authorization") == "Bearer canary-key-0123456789"
    )
    #expect(try fixture.storedText().contains("canary-key") == false)

    let command = try fixture.endpoint(apiKey: .command(["echo", "canary-argument"]))
    let service = RemoteJobService(command)
    #expect(service.key == .command("echo"))
    #expect(!"\(service)".contains("canary"))
    #expect(throws: Problem.self) { try service.endpoint(key: nil) }
    #expect(try service.endpoint(key: .environment("KEY")).apiKey == .environment("KEY"))
  }

  @Test("Ctrl-C leaves the job running, says so with the command that cancels it, and it is found")
  func leavesJobsRunning() async throws {
    let point = KillPoint(.poll, isAnswered: true)
    let server = JobServer(poll: { $0 < 3 ? .running() : .succeeded() }, hook: point.pass)
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    let request = try request(fixture)
    let service = fixture.service()
    let task = Task { try await service.fineTuning.tune(request, key: Self.key, at: endpoint) }
    await point.waitForArrival()
    task.cancel()
    point.open()
    let pending = await #expect(throws: RemoteJobPending.self) { try await task.value }
    let job = try #require(try await fixture.store.ledger.jobs(key: Self.key).first)
    #expect(pending?.job == "ftjob-1")
    #expect(
      pending?.description
        == "fine-tune job 'ftjob-1' goes on at its service, and costs money there; run again to "
        + "follow it, or cancel it with 'distill jobs cancel \(job.tag)'"
    )
    #expect(job.state == .created)
    #expect(!job.isFollowed)
    #expect(server.jobs.map(\.isCancelled) == [false])

    let model = try await fixture.service().fineTuning.tune(request, key: Self.key, at: endpoint)
    #expect(model.name == "ft:m:1")
    #expect(server.jobs.count == 1)
  }

  @Test("Ctrl-C while the job is being created does not lose its id")
  func finishesCreation() async throws {
    let point = KillPoint(.created, isAnswered: true)
    let server = JobServer(hook: point.pass)
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    let request = try request(fixture)
    let service = fixture.service()
    let task = Task { try await service.fineTuning.tune(request, key: Self.key, at: endpoint) }
    await point.waitForArrival()
    task.cancel()
    point.open()
    let pending = await #expect(throws: RemoteJobPending.self) { try await task.value }
    #expect(pending?.job == "ftjob-1")
    #expect(try await fixture.store.ledger.jobs(key: Self.key).map(\.remoteID) == ["ftjob-1"])
  }

  @Test(
    "the tag is found where lists heed the filter, and where they do not",
    arguments: [false, true]
  )
  func findsTags(filters: Bool) async throws {
    let server = JobServer(creation: { _ in .answerLost }, filters: filters)
    for number in 1...5 { server.add(tag: "other-\(number)") }
    let fixture = try await Fixture(server.answer)
    let model = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: try fixture.endpoint()
    )
    #expect(model.jobID == "ftjob-6")
    #expect(server.jobs.count == 6)
  }

  @Test("an upload whose answer was lost is found by its name; a refused one is told")
  func findsUploads() async throws {
    let server = JobServer(upload: { $0 == 1 ? .answerLost : .answered })
    let fixture = try await Fixture(server.answer)
    _ = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: try fixture.endpoint()
    )
    #expect(server.files.count == 1)

    let refusing = JobServer(upload: { _ in .refused(.answer(413, Chat.error("too large"))) })
    let other = try await Fixture(refusing.answer)
    let request = try request(other)
    let error = await #expect(throws: FineTuningError.self) {
      try await other.service().fineTuning.tune(
        request,
        key: Self.key,
        at: try other.endpoint()
      )
    }
    #expect(
      error?.description
        == "the fine-tuning job was refused: '\(other.server.url)/v1' answered /files with 413: too "
        + "large"
    )
    #expect(refusing.jobs.isEmpty)
  }

  @Test("what a provider's API cannot express is a problem, and nothing is sent")
  func refusesTheInexpressible() async throws {
    let address = try ServiceAddress(baseURL: "https://example.net/v1")
    func endpoint(_ dialect: Dialect) throws -> ModelEndpoint {
      try ModelEndpoint(
        address: address,
        model: "m",
        identity: .endpoint(address, model: "m", revision: nil),
        dialect: dialect
      )
    }
    let openAI = try endpoint(.openAI())
    let azure = try endpoint(.azure(apiVersion: "2024-10-21"))
    var request = FineTuningRequest(trainingFile: "/nowhere", epochs: 1)
    request.learningRateMultiplier = 2
    request.suffix = String(repeating: "a", count: 64)
    #expect(request.problem(at: openAI) == nil)
    #expect(request.problem(at: azure)?.message.contains("at most 40 characters") == true)
    request.suffix = "über"
    #expect(request.problem(at: azure)?.message.hasPrefix("suffix 'über' is none") == true)
    request.suffix = String(repeating: "a", count: 65)
    #expect(request.problem(at: openAI)?.message.contains("has 65 characters") == true)
    request.suffix = nil
    request.seed = 1 << 31
    #expect(request.problem(at: azure)?.message == "the job API takes no seed 2147483648")
    request.seed = 7
    #expect(request.problem(at: azure) == nil)
    request.learningRate = 2e-5
    let problem = request.problem(at: openAI)
    #expect(
      problem?.message
        == "the job API of 'https://example.net/v1' takes no learning rate, only a multiple of its own"
    )
    #expect(problem?.hint == "write learning_rate_multiplier instead of learning_rate")

    let fixture = try await Fixture(JobServer().answer)
    let impossible = request
    await #expect(throws: Problem.self) {
      try await fixture.service().fineTuning.tune(impossible, key: Self.key, at: openAI)
    }
    #expect(try await fixture.store.ledger.jobs().isEmpty)
  }
}
