import ModelServer
import Primitives
import Store
import Testing
import TinyLlama

@Suite("Fine-tuning jobs", .timeLimit(.minutes(20)))
struct JobsTests {
  private static let target = "/v1/fine_tuning/jobs"
  private static let rows = (1...6).map { number in
    #"{"messages":[{"role":"user","content":"say \#(number)"},"#
      + #"{"role":"assistant","content":"\#(number)"}]}"#
  }.joined(separator: "\n")

  /// A job that does not end by itself while a test looks on.
  private func createLong(_ test: TestService) async throws -> String {
    let file = try await test.upload(
      Array(repeating: Self.rows, count: 100).joined(separator: "\n")
    )
    let created = try await create(
      test,
      JSONObject([
        ("training_file", .string(file)),
        ("hyperparameters", ["n_epochs": 1000, "batch_size": 1]),
      ])
    )
    return try #require(created.json["id"]?.string)
  }

  private func create(
    _ test: TestService,
    _ changes: JSONObject = JSONObject()
  ) async throws -> Answer {
    var request = JSONObject([("model", "tiny-a")])
    if changes["training_file"] == nil {
      request["training_file"] = .string(try await test.upload(Self.rows))
    }
    for (key, value) in changes.members { request[key] = value }
    return try await test.post(Self.target, .object(request))
  }

  private static func method(_ hyperparameters: JSON) -> JSON {
    ["type": "supervised", "supervised": ["hyperparameters": hyperparameters]]
  }

  @Test("a job trains a model that can be asked at once, and lies in the store")
  func wholeJob() async throws {
    let test = try await TestService()
    let created = try await create(
      test,
      JSONObject([
        (
          "method",
          Self.method(["n_epochs": 2, "batch_size": 4, "learning_rate": 0.01])
        ), ("seed", 7), ("suffix", "mine"), ("metadata", ["node": "distilled"]),
      ])
    )
    #expect(created.status == 200)
    #expect(created.json["object"] == "fine_tuning.job")
    #expect(created.json["hyperparameters"]?["n_epochs"] == 2)
    #expect(created.json["hyperparameters"]?["learning_rate_multiplier"] == nil)
    let id = try #require(created.json["id"]?.string)

    let job = try await test.finished(id)
    #expect(job["status"] == "succeeded")
    #expect(job["error"] == .null)
    #expect(try #require(job["trained_tokens"]?.int) > 0)
    #expect(job["seed"] == 7)
    #expect(job["metadata"]?["node"] == "distilled")
    let name = try #require(job["fine_tuned_model"]?.string)
    let digest = try #require(CheckpointManifest.digest(inModelName: name))
    let tuned = try await CheckpointStore.load(manifest: digest, from: test.store.objects)
    #expect(tuned.parameters != (try TinyModel.checkpoint()).parameters)

    let answer = try await test.post(
      "/v1/chat/completions",
      [
        "model": .string(name), "messages": [["role": "user", "content": "say 1"]],
        "max_tokens": 4,
      ]
    )
    #expect(answer.status == 200)
    #expect(answer.json["model"] == .string(name))
    let models = try await test.get("/v1/models").json["data"]?.array ?? []
    #expect(models.map { $0["id"] } == ["tiny-a", "tiny-b", .string(name)])
  }

  @Test("events, checkpoints and the results file tell how it went")
  func traces() async throws {
    let test = try await TestService()
    let created = try await create(
      test,
      JSONObject([
        ("hyperparameters", ["n_epochs": 3, "batch_size": 2]),
        ("validation_file", .string(try await test.upload(Self.rows, name: "validation"))),
      ])
    )
    let id = try #require(created.json["id"]?.string)
    let job = try await test.finished(id)
    #expect(job["status"] == "succeeded")

    let events = try await test.get("\(Self.target)/\(id)/events?limit=1000").json
    let messages = (events["data"]?.array ?? []).compactMap { $0["message"]?.string }
    #expect(messages.first == "The job has successfully completed")
    #expect(messages.last == "Created fine-tuning job: \(id)")
    let metrics = (events["data"]?.array ?? []).filter { $0["type"] == "metrics" }
    #expect(metrics.map { $0["data"]?["step"] } == (1...9).reversed().map { JSON($0) })
    #expect(metrics.first?["data"]?["valid_loss"]?.number != nil)

    let page = try await test.get("\(Self.target)/\(id)/events?limit=2").json
    #expect(page["has_more"] == true)
    let last = try #require(page["last_id"]?.string)
    let next = try await test.get("\(Self.target)/\(id)/events?limit=2&after=\(last)").json
    #expect(next["data"]?.array?.first?["message"]?.string == messages[2])

    let checkpoints = try await test.get("\(Self.target)/\(id)/checkpoints").json["data"]?.array
    #expect(checkpoints?.count == 1)
    #expect(checkpoints?.first?["fine_tuned_model_checkpoint"] == job["fine_tuned_model"])
    #expect(checkpoints?.first?["step_number"] == 9)

    let file = try #require(job["result_files"]?.array?.first?.string)
    let content = await test.service.answer(
      APIRequest(method: "GET", target: "/v1/files/\(file)/content")
    )
    let lines = String(decoding: content.body, as: UTF8.self).split(separator: "\n")
    #expect(lines.first == "step,train_loss,valid_loss")
    #expect(lines.count == 10)
  }

  @Test("the same job again gives the same model, another seed another")
  func determinism() async throws {
    let test = try await TestService()
    var names: [JSON?] = []
    for seed in [1, 1, 2] as [JSON] {
      let created = try await create(
        test,
        JSONObject([
          ("seed", seed),
          ("hyperparameters", ["n_epochs": 2, "batch_size": 2, "learning_rate_multiplier": 100]),
        ])
      )
      names.append(
        try await test.finished(try #require(created.json["id"]?.string))["fine_tuned_model"]
      )
    }
    #expect(names[0] == names[1])
    #expect(names[0] != names[2])
  }

  @Test(
    "auto and absent hyperparameters are the usual ones",
    arguments: [
      nil, .object(JSONObject()),
      ["n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"],
      ["n_epochs": nil, "learning_rate": "auto"],
    ] as [JSON?]
  )
  func auto(hyperparameters: JSON?) async throws {
    let test = try await TestService()
    var changes = JSONObject()
    changes["hyperparameters"] = hyperparameters
    let created = try await create(test, changes)
    #expect(
      created.json["hyperparameters"] == [
        "n_epochs": 5, "batch_size": 16, "learning_rate": 2e-5, "learning_rate_multiplier": 1.0,
      ]
    )
    #expect(
      created.json["method"]?["supervised"]?["hyperparameters"] == created.json["hyperparameters"]
    )
    await test.service.stop()
  }

  @Test("a job that runs and one that waits can be cancelled, once")
  func cancel() async throws {
    let test = try await TestService()
    let running = try await createLong(test)
    let waiting = try await createLong(test)
    while try await test.get("\(Self.target)/\(running)").json["status"] != "running" {
      try await Task.sleep(for: .milliseconds(5))
    }
    for id in [waiting, running] {
      let cancelled = try await test.post("\(Self.target)/\(id)/cancel")
      #expect(cancelled.json["status"] == "cancelled")
      #expect(cancelled.json["fine_tuned_model"] == .null)
      #expect(cancelled.json["finished_at"]?.integer != nil)
      let again = try await test.post("\(Self.target)/\(id)/cancel")
      #expect(again.status == 400 && again.code == "invalid_job_state")
    }
    // The next job starts: the cancelled one holds the trainer no longer.
    let next = try await create(test, JSONObject([("hyperparameters", ["n_epochs": 1])]))
    let job = try await test.finished(try #require(next.json["id"]?.string))
    #expect(job["status"] == "succeeded")
    #expect(try await test.get("\(Self.target)/\(running)").json["status"] == "cancelled")
  }

  @Test("stopping ends the job that runs")
  func stop() async throws {
    let test = try await TestService()
    let id = try await createLong(test)
    await test.service.stop()
    #expect(try await test.get("\(Self.target)/\(id)").json["status"] == "cancelled")
    #expect(try await create(test).code == "server_stopping")
  }

  @Test(
    "a file that cannot be trained on fails the job with its line",
    arguments: [
      ("", "invalid_training_file"),
      ("{\"messages\":[]}", "invalid_file"),
      ("not json", "invalid_file"),
      (#"{"messages":[{"role":"user","content":"a"}]}"#, "invalid_training_file"),
      (#"{"messages":[{"role":"tool","content":"a"}]}"#, "invalid_file"),
      (
        #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""#
          + String(repeating: "q", count: 200) + #""}]}"#, "invalid_training_file"
      ),
    ]
  )
  func badFiles(text: String, code: String) async throws {
    let test = try await TestService()
    let file = try await test.upload(text)
    let created = try await create(test, JSONObject([("training_file", .string(file))]))
    let job = try await test.finished(try #require(created.json["id"]?.string))
    #expect(job["status"] == "failed")
    #expect(job["error"]?["code"] == .string(code))
    #expect(job["error"]?["param"] == "training_file")
    #expect(job["error"]?["message"]?.string?.isEmpty == false)
    #expect(job["fine_tuned_model"] == .null)
  }

  @Test(
    "a bad validation file is told from a bad training file",
    arguments: [
      ("not json", "invalid_file"),
      (#"{"messages":[{"role":"user","content":"a"}]}"#, "invalid_validation_file"),
    ]
  )
  func badValidationFile(text: String, code: String) async throws {
    let test = try await TestService()
    let file = try await test.upload(text)
    let created = try await create(test, JSONObject([("validation_file", .string(file))]))
    let job = try await test.finished(try #require(created.json["id"]?.string))
    #expect(job["status"] == "failed")
    #expect(job["error"]?["param"] == "validation_file")
    #expect(job["error"]?["code"] == .string(code))
  }

  @Test(
    "a wrong member is refused by name",
    arguments: [
      ("model", nil, 400, "model"),
      ("model", "gpt-4", 404, "model"),
      ("training_file", "file-0", 400, "training_file"),
      ("validation_file", "file-0", 400, "validation_file"),
      ("hyperparameters", ["n_epochs": 0], 400, "hyperparameters.n_epochs"),
      ("hyperparameters", ["n_epochs": "many"], 400, "hyperparameters.n_epochs"),
      ("hyperparameters", ["batch_size": 0.5], 400, "hyperparameters.batch_size"),
      ("hyperparameters", ["learning_rate": 0], 400, "hyperparameters.learning_rate"),
      (
        "hyperparameters", ["learning_rate": 0.1, "learning_rate_multiplier": 2], 400,
        "hyperparameters.learning_rate"
      ),
      (
        "hyperparameters", ["learning_rate_multiplier": 50_001], 400,
        "hyperparameters.learning_rate_multiplier"
      ),
      ("hyperparameters", ["epochs": 3], 400, "hyperparameters.epochs"),
      ("hyperparameters", [], 400, "hyperparameters"),
      ("method", ["type": "dpo"], 400, "method.type"),
      ("method", .object(JSONObject()), 400, "method.type"),
      ("method", ["type": "supervised", "supervised": 3], 400, "method.supervised"),
      (
        "method", method(["n_epochs": -1]), 400, "method.supervised.hyperparameters.n_epochs"
      ),
      ("seed", "x", 400, "seed"),
      ("suffix", .string(String(repeating: "x", count: 65)), 400, "suffix"),
      ("metadata", ["a": 1], 400, "metadata"),
      ("metadata", ["a": .string(String(repeating: "x", count: 513))], 400, "metadata"),
      ("integrations", [["type": "wandb"]], 400, "integrations"),
      ("epochs", 3, 400, "epochs"),
    ] as [(String, JSON, Int, String)]
  )
  func badMembers(name: String, value: JSON, status: Int, param: String) async throws {
    let test = try await TestService()
    let answer = try await create(test, JSONObject([(name, value)]))
    #expect(answer.status == status)
    #expect(answer.param == param)
    let jobs = try await test.get(Self.target).json["data"]?.array
    #expect(jobs?.isEmpty == true)
  }

  @Test("jobs are listed newest first, in pages, by metadata")
  func list() async throws {
    let test = try await TestService()
    var ids: [String] = []
    for index in 0..<4 {
      let created = try await create(
        test,
        JSONObject([
          ("metadata", ["node key": .string("k \(index % 2)"), "all": "yes"]),
          ("hyperparameters", ["n_epochs": 1]),
        ])
      )
      ids.append(try #require(created.json["id"]?.string))
    }

    func listed(_ query: String) async throws -> [String] {
      let json = try await test.get("\(Self.target)?\(query)").json
      return (json["data"]?.array ?? []).compactMap { $0["id"]?.string }
    }
    #expect(try await listed("") == ids.reversed())
    #expect(try await listed("limit=2&after=\(ids[3])") == [ids[2], ids[1]])
    #expect(try await listed("metadata%5Bnode+key%5D=k+1") == [ids[3], ids[1]])
    #expect(try await listed("metadata[node%20key]=k%200&metadata[all]=yes") == [ids[2], ids[0]])
    #expect(try await listed("metadata[all]=no").isEmpty)
    #expect(try await listed("metadata=null").isEmpty)
    let bare = try await create(test, JSONObject([("hyperparameters", ["n_epochs": 1])]))
    #expect(try await listed("metadata=null") == [try #require(bare.json["id"]?.string)])
    #expect(try await test.get("\(Self.target)?metadata=none").param == "metadata")
    await test.service.stop()
  }

  @Test(
    "an unknown job is not found",
    arguments: ["", "/events", "/checkpoints"]
  )
  func unknownJob(path: String) async throws {
    let test = try await TestService()
    let answer = try await test.get("\(Self.target)/ftjob-0\(path)")
    #expect(answer.status == 404 && answer.code == "not_found")
    #expect(try await test.post("\(Self.target)/ftjob-0/cancel").status == 404)
  }
}
