import ModelService
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Fine-tuning jobs are created once")
struct FineTuningTests {
  private static let key = Digest(of: "the instance's action key")

  private func request(_ fixture: Fixture) throws -> FineTuningRequest {
    FineTuningRequest(
      trainingFile: try fixture.folder.write(#"{"messages":[]}"#, to: "rows.jsonl"),
      epochs: 5
    )
  }

  @Test("uploads, creates, follows and records; the second asking sends nothing")
  func createsOnce() async throws {
    let server = JobServer(poll: { $0 < 3 ? .running() : .succeeded() })
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    var request = try request(fixture)
    request.validationFile = try fixture.folder.write("check", to: "check.jsonl")
    request.batchSize = 16
    request.learningRate = 2e-5
    request.learningRateMultiplier = 1
    request.seed = 3
    request.suffix = "mine"

    let seen = Mutex<[String]>([])
    let model = try await fixture.service().fineTuning.tune(request, key: Self.key, at: endpoint) {
      event in seen.withLock { $0.append(event.message) }
    }
    #expect(model.name == "ft:m:1")
    #expect(model.jobID == "ftjob-1")
    #expect(model.trainedTokens == 1234)
    // All of them, though a page holds two.
    #expect(model.metrics == [["step": 2], ["step": 3], ["step": 4], ["step": 5]])
    #expect(seen.withLock { $0 } == ["step 1", "step 2", "step 3", "step 4", "step 5"])

    let job = try #require(try await fixture.store.ledger.jobs(key: Self.key).first)
    #expect(job.state == .succeeded)
    #expect(job.remoteID == "ftjob-1")
    let expected: JSON = [
      "model": "m", "training_file": "file-1", "validation_file": "file-2", "seed": 3,
      "suffix": "mine", "metadata": ["distill": .string(job.tag)],
      "method": [
        "type": "supervised",
        "supervised": [
          "hyperparameters": [
            "n_epochs": 5, "batch_size": 16, "learning_rate": 2e-5,
            "learning_rate_multiplier": 1.0,
          ]
        ],
      ],
    ]
    #expect(server.jobs.map(\.request) == [expected])
    #expect(server.files.count == 2)
    #expect(server.files[0].form.contains("\r\n\r\nfine-tune\r\n"))
    #expect(server.files[0].form.contains("\r\n\r\n{\"messages\":[]}\r\n"))

    let requests = fixture.server.received.count
    let later = fixture.service(runID: "later").fineTuning
    #expect(try await later.tune(request, key: Self.key, at: endpoint) == model)
    #expect(fixture.server.received.count == requests)
  }

  @Test("a rate that is not set is not sent")
  func sendsOnlyWhatIsSet() async throws {
    let server = JobServer()
    let fixture = try await Fixture(server.answer)
    _ = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: try fixture.endpoint()
    )
    let method = server.jobs.first?.request["method"]
    #expect(method?["supervised"]?["hyperparameters"] == ["n_epochs": 5])
    #expect(server.jobs.first?.request["seed"] == nil)
  }

  @Test("two tasks that want one model share one job")
  func sharesJobs() async throws {
    let server = JobServer()
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    let request = try request(fixture)
    let service = fixture.service().fineTuning
    async let first = service.tune(request, key: Self.key, at: endpoint)
    async let second = service.tune(request, key: Self.key, at: endpoint)
    let models = try await [first, second]
    #expect(models[0] == models[1])
    #expect(server.jobs.count == 1)
  }

  @Test(
    "blips on the way to success",
    arguments: [
      JobServer.Poll.answer(.answer(500, "{}")), .answer(.answer(502, "<html>")),
      .answer(.answer(429, "{}")), .answer([.close]), .answer(.answer(200, "{")),
      .status("queued", JSONObject()), .status("validating_files", JSONObject()),
      .status("paused", JSONObject()), .status("contemplating", JSONObject()),
      .status("created", JSONObject()), .status("pending", JSONObject()),
      .status("Running", JSONObject()), .answer(.answer(404, "{}")), .answer(.answer(503, "")),
    ]
  )
  func survivesBlips(blip: JobServer.Poll) async throws {
    let server = JobServer(poll: { $0 == 2 ? blip : $0 < 4 ? .running() : .succeeded() })
    let fixture = try await Fixture(server.answer)
    let model = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: try fixture.endpoint()
    )
    #expect(model.name == "ft:m:1")
    #expect(server.jobs.map(\.polls) == [4])
  }

  @Test(
    "a job without a model is closed, and the next run makes another",
    arguments: [
      (
        JobServer.Poll.status("failed", JSONObject([("error", ["message": "bad\nrow 3"])])),
        "fine-tuning job 'ftjob-1' failed: bad row 3", JobState.failed
      ),
      (
        .status("failed", JSONObject()),
        "fine-tuning job 'ftjob-1' failed: the service gives no reason", .failed
      ),
      (
        .status("cancelled", JSONObject()),
        "fine-tuning job 'ftjob-1' was cancelled at the service", .cancelled
      ),
      (
        .succeeded(nil), "fine-tuning job 'ftjob-1' succeeded, but its service names no model",
        .failed
      ),
      (
        .answer(.answer(404, "{}")),
        "fine-tuning job 'ftjob-1' is not known to its service any more", .failed
      ),
    ]
  )
  func closesFailures(poll: JobServer.Poll, message: String, state: JobState) async throws {
    let server = JobServer(poll: { _ in poll })
    let fixture = try await Fixture(server.answer)
    let request = try request(fixture)
    let error = await #expect(throws: FineTuningError.self) {
      try await fixture.service().fineTuning.tune(
        request,
        key: Self.key,
        at: try fixture.endpoint()
      )
    }
    #expect(error?.description == message)
    #expect(try await fixture.store.ledger.jobs(key: Self.key).map(\.state) == [state])

    await #expect(throws: FineTuningError.self) {
      try await fixture.service().fineTuning.tune(
        request,
        key: Self.key,
        at: try fixture.endpoint()
      )
    }
    #expect(server.jobs.count == 2)
  }

  @Test("an answer that is lost is found by its tag: one job")
  func findsLostAnswers() async throws {
    let server = JobServer(creation: { _ in .answerLost })
    // So that the job sought is not on the first page.
    for number in 1...3 { server.add(tag: "other-\(number)") }
    let fixture = try await Fixture(server.answer)
    let model = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: try fixture.endpoint()
    )
    #expect(model.jobID == "ftjob-4")
    #expect(server.jobs.count == 4)
  }

  @Test("a process killed after the intent: the job is adopted if it exists, else created")
  func adoptsAfterKill() async throws {
    for exists in [true, false] {
      let server = JobServer()
      let fixture = try await Fixture(server.answer)
      let endpoint = try fixture.endpoint()
      let tag = try await kill(fixture, endpoint, remoteID: nil)
      if exists { server.add(tag: tag) }
      _ = try await fixture.service().fineTuning.tune(
        try request(fixture),
        key: Self.key,
        at: endpoint
      )
      #expect(server.jobs.count == 1)
      #expect(server.files.count == (exists ? 0 : 1))
    }
  }

  @Test("a process killed while it waited: the job is followed to its end")
  func followsAfterKill() async throws {
    let server = JobServer()
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    server.add(tag: try await kill(fixture, endpoint, remoteID: "ftjob-1"))
    let model = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: endpoint
    )
    #expect(model.jobID == "ftjob-1")
    #expect(server.jobs.count == 1)
  }

  @Test(
    "a local server that forgot the job, or gave its id to another, gets a new one",
    arguments: [false, true]
  )
  func startsAnewAfterLocalServer(idIsTaken: Bool) async throws {
    let server = JobServer()
    let fixture = try await Fixture(server.answer)
    let endpoint = try fixture.endpoint()
    _ = try await kill(fixture, endpoint, remoteID: "ftjob-1")
    if idIsTaken { server.add(tag: "somebody else's") }
    let model = try await fixture.service().fineTuning.tune(
      try request(fixture),
      key: Self.key,
      at: endpoint
    )
    #expect(model.jobID == (idIsTaken ? "ftjob-2" : "ftjob-1"))
    #expect(
      try await fixture.store.ledger.jobs(key: Self.key).map(\.state) == [.failed, .succeeded]
    )
  }

  /// What a process leaves that ends after the intent, or after the job had its id.
  private func kill(
    _ fixture: Fixture,
    _ endpoint: ModelEndpoint,
    remoteID: String?
  ) async throws -> String {
    let killed = try await Store.open(at: fixture.store.path, mode: .existing)
    let claim = try await killed.ledger.openJob(
      key: Self.key,
      kind: .fineTune,
      model: endpoint.identity.text,
      runID: "killed"
    )
    guard case .created(let job) = claim else { return "" }
    if let remoteID {
      try await killed.ledger.updateJob(
        job.id,
        remoteID: remoteID,
        state: .created,
        detail: job.detail
      )
    }
    await killed.close()
    return job.tag
  }

  @Test("long silence ends the waiting; the job is left alone and found again")
  func endsWaiting() async throws {
    let isDown = Switch()
    let server = JobServer(poll: { _ in
      isDown.isOn ? .answer(.answer(500, "{}")) : .succeeded()
    })
    let fixture = try await Fixture(server.answer)
    let request = try request(fixture)
    isDown.set(true)
    let error = await #expect(throws: FineTuningError.self) {
      try await fixture.service().fineTuning.tune(
        request,
        key: Self.key,
        at: try fixture.endpoint()
      )
    }
    guard case .unreachable(job: "ftjob-1", _)? = error else {
      Issue.record("expected 'unreachable', found \(String(describing: error))")
      return
    }
    #expect(fixture.clock.sleeps.reduce(.zero, +) >= .seconds(60))
    isDown.set(false)
    let model = try await fixture.service().fineTuning.tune(
      request,
      key: Self.key,
      at: try fixture.endpoint()
    )
    #expect(model.jobID == "ftjob-1")
    #expect(server.jobs.count == 1)
  }

  @Test("a job that is refused costs nothing and says why")
  func reportsRefusals() async throws {
    let server = JobServer(creation: { _ in
      .refused(.answer(400, Chat.error("needs 10 rows")))
    })
    let fixture = try await Fixture(server.answer)
    let service = fixture.service().fineTuning
    var request = try request(fixture)
    let refused = await #expect(throws: FineTuningError.self) {
      try await service.tune(request, key: Self.key, at: try fixture.endpoint())
    }
    #expect(
      refused?.description
        == "the fine-tuning job was refused: '\(fixture.server.url)/v1' answered "
        + "/fine_tuning/jobs with 400: needs 10 rows"
    )

    request.trainingFile = "/nowhere/rows.jsonl"
    let unreadable = await #expect(throws: FineTuningError.self) {
      try await service.tune(request, key: Self.key, at: try fixture.endpoint())
    }
    #expect(unreadable?.description.contains("cannot open '/nowhere/rows.jsonl'") == true)
    #expect(server.jobs.isEmpty)
    // A file that cannot be read is no reason to write an intent down.
    #expect(try await fixture.store.ledger.jobs(key: Self.key).map(\.state) == [.failed])
  }
}

/// A flag that a test turns while a server reads it.
private final class Switch: Sendable {
  private let value = Mutex(false)

  var isOn: Bool { value.withLock { $0 } }
  func set(_ isOn: Bool) { value.withLock { $0 = isOn } }
}
