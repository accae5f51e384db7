import ModelServer
import Primitives
import Store
import TestSupport
import Testing
import TinyLlama

@Suite("Jobs and files over a restart", .timeLimit(.minutes(20)))
struct RestartTests {
  private static let target = "/v1/fine_tuning/jobs"
  private static let rows = (1...6).map { number in
    #"{"messages":[{"role":"user","content":"say \#(number)"},"#
      + #"{"role":"assistant","content":"\#(number)"}]}"#
  }.joined(separator: "\n")

  private func create(
    _ test: TestService,
    file: String,
    epochs: Int
  ) async throws -> String {
    let created = try await test.post(
      Self.target,
      [
        "model": "tiny-a", "training_file": .string(file), "seed": 4,
        "metadata": ["node": "distilled"],
        "hyperparameters": ["n_epochs": JSON(epochs), "batch_size": 2, "learning_rate": 0.01],
      ]
    )
    return try #require(created.json["id"]?.string)
  }

  @Test("a job that was over is as it was, with its file, its events and its model")
  func finishedJob() async throws {
    let test = try await TestService(keepsState: true)
    let file = try await test.upload(Self.rows)
    let id = try await create(test, file: file, epochs: 2)
    let job = try await test.finished(id)
    #expect(job["status"] == "succeeded")
    let events = try await test.get("\(Self.target)/\(id)/events?limit=1000").body
    let checkpoints = try await test.get("\(Self.target)/\(id)/checkpoints").body
    let files = try await test.get("/v1/files").body
    let models = try await test.get("/v1/models").body
    await test.service.stop()

    let next = try await test.restarted()
    #expect(try await next.get("\(Self.target)/\(id)").json == job)
    #expect(try await next.get("\(Self.target)/\(id)/events?limit=1000").body == events)
    #expect(try await next.get("\(Self.target)/\(id)/checkpoints").body == checkpoints)
    #expect(try await next.get("/v1/files").body == files)
    #expect(try await next.get("/v1/models").body == models)
    let found = try await next.get("\(Self.target)?metadata[node]=distilled").json["data"]?.array
    #expect(found?.count == 1)
    await next.service.stop()
  }

  @Test("jobs that ran or waited start again, and come to the same model")
  func unfinishedJobs() async throws {
    let test = try await TestService(keepsState: true)
    let file = try await test.upload(Self.rows)
    let alone = try await test.finished(create(test, file: file, epochs: 300))
    let running = try await create(test, file: file, epochs: 300)
    let waiting = try await create(test, file: file, epochs: 1)
    while try await test.get("\(Self.target)/\(running)").json["status"] != "running" {
      try await Task.sleep(for: .milliseconds(1))
    }
    await test.service.stop()

    let next = try await test.restarted()
    let again = try await next.finished(running)
    #expect(again["status"] == "succeeded")
    #expect(again["fine_tuned_model"] == alone["fine_tuned_model"])
    #expect(try await next.finished(waiting)["status"] == "succeeded")
    let events = try await next.get("\(Self.target)/\(waiting)/events").json["data"]?.array
    #expect(events?.contains { $0["message"]?.string?.contains("started again") == true } == true)
    await next.service.stop()
  }

  @Test("a cancelled job stays cancelled, a deleted file deleted")
  func endedThings() async throws {
    let test = try await TestService(keepsState: true)
    let file = try await test.upload(Self.rows)
    let other = try await test.upload("other")
    let id = try await create(test, file: file, epochs: 1000)
    #expect(try await test.post("\(Self.target)/\(id)/cancel").status == 200)
    #expect(try await test.delete("/v1/files/\(other)").status == 200)
    await test.service.stop()
    let next = try await test.restarted()
    #expect(try await next.get("\(Self.target)/\(id)").json["status"] == "cancelled")
    #expect(try await next.get("/v1/files/\(other)").status == 404)
    await next.service.stop()
  }

  @Test("files that come at once are all kept")
  func filesAtOnce() async throws {
    let test = try await TestService(keepsState: true)
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<64 { group.addTask { try await test.upload("\(index)") } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    await test.service.stop()
    let next = try await test.restarted()
    let files = try await next.get("/v1/files").json["data"]?.array ?? []
    #expect(files.count == 64)
    #expect(Set(files.compactMap { $0["id"]?.string }) == ids)
    await next.service.stop()
  }

  /// A job is seen to run from when its start begins to be written down: what ends it then comes
  /// before the training that there would be to end.
  @Test("a job that ends while it starts does not train on", arguments: [true, false])
  func endedAtItsStart(byCancelling: Bool) async throws {
    let test = try await TestService(keepsState: true)
    let small = try await test.upload(Self.rows)
    // Minutes of training, which nobody would wait for.
    let large = try await test.upload(
      Array(repeating: Self.rows, count: 200).joined(separator: "\n")
    )
    for _ in 0..<3 {
      let id = try await create(test, file: large, epochs: 1000)
      while try await test.get("\(Self.target)/\(id)").json["status"] != "running" {
        await Task.yield()
      }
      guard byCancelling else { break }
      #expect(try await test.post("\(Self.target)/\(id)/cancel").status == 200)
      let next = try await create(test, file: small, epochs: 1)
      #expect(try await test.finished(next)["status"] == "succeeded")
    }
    await test.service.stop()
    let next = try await test.restarted()
    let jobs = try await next.get("\(Self.target)?limit=100").json["data"]?.array ?? []
    let expected: [JSON] = byCancelling ? ["succeeded", "cancelled"] : ["queued", "running"]
    #expect(jobs.allSatisfy { expected.contains($0["status"] ?? .null) })
    await next.service.stop()
  }

  @Test("two servers do not share one state")
  func lock() async throws {
    let test = try await TestService(keepsState: true)
    let folder = "\(test.folder.path)/serve"
    #expect(throws: StateFolderError.inUse(folder)) {
      _ = try Service(models: [:], objects: test.store.objects, stateFolder: folder)
    }
  }

  @Test("a damaged state is named")
  func damage() async throws {
    let test = try await TestService()
    let file = try test.folder.write("{\"files\":", to: "serve/files.json")
    #expect {
      _ = try Service(
        models: [:],
        objects: test.store.objects,
        stateFolder: "\(test.folder.path)/serve"
      )
    } throws: { "\($0)".contains("'\(file)' is damaged") }
  }
}
