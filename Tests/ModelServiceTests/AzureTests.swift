import Diagnostics
import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("Azure OpenAI is spoken as it is documented")
struct AzureTests {
  private static let key = Digest(of: "the instance's action key")
  private static let rows = String(repeating: #"{"messages":[]}"# + "\n", count: 10)

  private func endpoint(_ fixture: Fixture, tuned: Bool = false) throws -> ModelEndpoint {
    let key = try fixture.folder.write("azure-key-0123456789", to: "key")
    return try ModelEndpoint(
      address: try ServiceAddress(baseURL: fixture.server.url),
      model: "my deploy/ment",
      identity: tuned ? .tuned(Digest(of: "output")) : .named("test", revision: nil),
      apiKey: .file(key),
      dialect: .azure(apiVersion: "2024-10-21")
    )
  }

  @Test("a deployment is asked below its name, with the version and the key where they belong")
  func addressesDeployments() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try endpoint(fixture)
    _ = try await fixture.service().answer(.asking("hello"), from: endpoint)
    let request = try #require(fixture.server.received.first)
    #expect(
      request.target
        == "/openai/deployments/my%20deploy%2Fment/chat/completions?api-version=2024-10-21"
    )
    #expect(request.header("api-key") == "azure-key-0123456789")
    #expect(request.header("authorization") == nil)
    let body = try JSON(parsing: request.body)
    #expect(body["model"] == "my deploy/ment")

    let reasoning = Dialect.azure(
      apiVersion: "2024-10-21",
      tokenLimitField: .maxCompletionTokens,
      sendsSeed: false
    )
    #expect(reasoning.name == "azure-openai")
    #expect(reasoning.tokenLimitField == .maxCompletionTokens)
    #expect(!reasoning.sendsSeed)
    #expect(Dialect.openAI().apiVersion == nil)
  }

  @Test("errors in Azure's forms are read")
  func readsErrors() async throws {
    let bodies = [
      #"{"error":{"code":"DeploymentNotFound","message":"no such deployment"}}"#,
      #"{"statusCode":404,"message":"no such deployment"}"#,
    ]
    for body in bodies {
      let fixture = try await Fixture { _ in .answer(404, body) }
      let endpoint = try endpoint(fixture)
      let error = await #expect(throws: CallError.self) {
        try await fixture.service().answer(.asking("hello"), from: endpoint)
      }
      #expect(error?.description.hasSuffix("answered 404: no such deployment") == true)
    }
  }

  @Test("a job: marked files, hyper-parameters on top, no metadata, and a file that is waited for")
  func createsJobs() async throws {
    let server = JobServer(fileState: JSONObject([("status", "pending")]))
    let fixture = try await Fixture(server.answer)
    var request = FineTuningRequest(
      trainingFile: try fixture.folder.write(Self.rows, to: "rows.jsonl"),
      epochs: 3
    )
    request.validationFile = try fixture.folder.write("\u{FEFF}" + Self.rows, to: "check.jsonl")
    request.batchSize = 8
    request.learningRateMultiplier = 0.1
    request.seed = 105
    request.suffix = "my-model_1"
    _ = try await fixture.service().fineTuning.tune(
      request,
      key: Self.key,
      at: try endpoint(fixture)
    )
    let expected: JSON = [
      "model": "my deploy/ment", "training_file": "file-1", "validation_file": "file-2",
      "hyperparameters": ["n_epochs": 3, "batch_size": 8, "learning_rate_multiplier": 0.1],
      "seed": 105, "suffix": "my-model_1",
    ]
    #expect(server.jobs.map(\.request) == [expected])
    // One mark each, whether the file brought it or not.
    for file in server.files {
      #expect(file.form.contains("\r\n\r\n\u{FEFF}{\"messages\":[]}\n"), "\(file.name)")
      #expect(!file.form.contains("\u{FEFF}\u{FEFF}"))
    }
    let targets = fixture.server.received.map(\.target)
    #expect(targets.first == "/openai/files?api-version=2024-10-21")
    #expect(targets.contains("/openai/files/file-1?api-version=2024-10-21"))
    #expect(targets.contains("/openai/fine_tuning/jobs?api-version=2024-10-21"))
    #expect(
      targets.contains("/openai/fine_tuning/jobs/ftjob-1/events?limit=100&api-version=2024-10-21")
    )
    #expect(!targets.contains { $0.contains("deployments") })
  }

  @Test("files that no job starts with are refused before they are sent")
  func checksFiles() async throws {
    let server = JobServer()
    let fixture = try await Fixture(server.answer)
    let nine = String(repeating: #"{"messages":[]}"# + "\n", count: 9) + "\n \n"
    let path = try fixture.folder.write(nine, to: "rows.jsonl")
    let endpoint = try endpoint(fixture)
    let error = await #expect(throws: FineTuningError.self) {
      try await fixture.service().fineTuning.tune(
        FineTuningRequest(trainingFile: path, epochs: 1),
        key: Self.key,
        at: endpoint
      )
    }
    #expect(
      error?.description
        == "the fine-tuning job was refused: '\(path)' has 9 rows; Azure OpenAI trains on no fewer "
        + "than 10"
    )
    #expect(fixture.server.received.isEmpty)
  }

  @Test("a file that Azure cannot read is told with its reason")
  func reportsUnreadableFiles() async throws {
    let server = JobServer(
      fileState: JSONObject([("status", "error"), ("status_details", "line 3 is no JSON")])
    )
    let fixture = try await Fixture(server.answer)
    let request = FineTuningRequest(
      trainingFile: try fixture.folder.write(Self.rows, to: "rows.jsonl"),
      epochs: 3
    )
    let endpoint = try endpoint(fixture)
    let error = await #expect(throws: FineTuningError.self) {
      try await fixture.service().fineTuning.tune(request, key: Self.key, at: endpoint)
    }
    #expect(error?.description.hasSuffix("cannot read the file: line 3 is no JSON") == true)
    #expect(server.jobs.isEmpty)
  }

  @Test("batches have their own path, more lines, slower looks, and no tuned models")
  func batches() async throws {
    let server = BatchServer(status: { $0 < 3 ? "Validating" : nil })
    let fixture = try await Fixture(server.answer)
    let endpoint = try endpoint(fixture)
    let calls = BatchTests.calls(["a"], endpoint)
    let report = try await fixture.service().batches.answer(calls, from: endpoint)
    #expect(report.made == 1)
    #expect(server.batches.first?.request["endpoint"] == "/chat/completions")
    let line = server.batches.first?.lines.first?.json
    #expect(line?["url"] == "/chat/completions")
    #expect(line?["body"]?["model"] == "my deploy/ment")
    #expect(fixture.server.received.allSatisfy { $0.target.hasSuffix("api-version=2024-10-21") })

    let tuned = try self.endpoint(fixture, tuned: true)
    #expect(
      BatchService.problem(at: tuned)?.message
        == "the batch API of Azure OpenAI takes no tuned models such as \(tuned.name)"
    )
    let own = try ModelEndpoint(
      address: ServiceAddress(unixSocket: "/run/s"),
      model: "tiny",
      identity: .named("tiny", revision: nil)
    )
    #expect(own.isFree)
    #expect(own.pricing == .free)
    #expect(BatchService.problem(at: own)?.message.contains("has no batch API") == true)
  }
}
