import Primitives
import Testing
import TollRig

@Suite("Azure's dialect")
struct AzureTests {
  private static let version = "api-version=2024-10-21"

  private func chat(_ test: TollTest, _ deployment: String) throws -> Client.Answer {
    try test.send(
      "POST",
      "/openai/deployments/\(deployment)/chat/completions?\(Self.version)",
      json: ["messages": [["role": "user", "content": "a"]]]
    )
  }

  private func manage(
    _ test: TollTest,
    _ method: String,
    _ name: String,
    model: String? = nil,
    token: String? = "token"
  ) throws -> Client.Answer {
    try test.send(
      method,
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
        + "/deployments/\(name)?api-version=2024-10-01",
      headers: token.map { ["Authorization": "Bearer \($0)"] } ?? [:],
      json: model.map { model in
        [
          "sku": ["name": "standard", "capacity": 1],
          "properties": [
            "model": ["format": "OpenAI", "name": .string(model), "version": "1"]
          ],
        ]
      }
    )
  }

  @Test("the deployment is the model, and the version is asked for")
  func chat() throws {
    let test = try TollTest("--deployment", "base")
    #expect(try chat(test, "base").json?["model"] == "base")
    #expect(try test.lastRequest()["model"] == "base")
    let other = try chat(test, "other")
    #expect(other.status == 404)
    #expect(other.json?["error"]?["code"] == "DeploymentNotFound")
    let unversioned = try test.send(
      "POST",
      "/openai/deployments/base/chat/completions",
      json: TollTest.body("a")
    )
    #expect(unversioned.status == 404)
    #expect(try test.ledger.charges().count == 1)
  }

  @Test("files for training begin with a byte order mark")
  func mark() throws {
    let test = try TollTest()
    let path = "/openai/files?\(Self.version)"
    let bare = try test.upload(JobTests.rows, purpose: "fine-tune", to: path)
    #expect(bare.status == 400)
    #expect(bare.json?["error"]?["message"]?.string?.contains("BOM") == true)
    #expect(
      try test.upload("\u{FEFF}\(JobTests.rows)", purpose: "fine-tune", to: path).status == 201
    )
    #expect(try test.upload(BatchTests.lines(["a"]), purpose: "batch", to: path).status == 201)
  }

  @Test("a tuned model answers once it is deployed, until it is deleted")
  func deploys() throws {
    let test = try TollTest("--job-script", #"["running", "succeeded"]"#)
    let file = try test.upload(
      "\u{FEFF}\(JobTests.rows)",
      purpose: "fine-tune",
      to: "/openai/files?\(Self.version)"
    ).json?["id"]
    let job = try test.send(
      "POST",
      "/openai/fine_tuning/jobs?\(Self.version)",
      json: ["model": "gpt", "training_file": file ?? .null, "suffix": "mine"]
    )
    #expect(job.status == 201)
    let done = try test.send(
      "GET",
      "/openai/fine_tuning/jobs/\(job.json?["id"]?.string ?? "")?\(Self.version)"
    ).json
    let model = try #require(done?["fine_tuned_model"]?.string)
    #expect(model.contains(/^gpt\.ft-[0-9a-f]{16}-mine$/))
    #expect(try chat(test, model).status == 404)
    #expect(try manage(test, "PUT", "mine", model: model).status == 201)
    #expect(try chat(test, "mine").status == 404)
    try test.restart()
    func state() throws -> JSON? {
      try manage(test, "GET", "mine").json?["properties"]?["provisioningState"]
    }
    #expect(try state() == "Creating")
    #expect(try state() == "Succeeded")
    #expect(try chat(test, "mine").json?["model"] == .string(model))
    #expect(try manage(test, "DELETE", "mine").status == 200)
    #expect(try manage(test, "DELETE", "mine").status == 204)
    #expect(try manage(test, "GET", "mine").status == 404)
  }

  @Test("the management plane wants a token, a version, a sku and a model that exists")
  func management() throws {
    let test = try TollTest(
      "--management-token-env",
      "TOLL_TEST_TOKEN",
      environment: ["TOLL_TEST_TOKEN": "right"]
    )
    #expect(try manage(test, "GET", "a", token: nil).status == 401)
    #expect(try manage(test, "GET", "a", token: "wrong").status == 401)
    #expect(try manage(test, "GET", "a", token: "right").status == 404)
    #expect(try manage(test, "PUT", "a", model: "gpt.ft-0-x", token: "right").status == 400)
    #expect(try manage(test, "PUT", "a", token: "right").status == 400)
    #expect(try test.ledger.requests("management").count == 5)
  }

  @Test("batches name their deployment in each line")
  func batch() throws {
    let test = try TollTest("--batch-script", #"["validating", "completed"]"#)
    let lines = BatchTests.lines(["a", "b"]).replacing("/v1/chat", with: "/chat")
    let file = try test.upload(lines, purpose: "batch", to: "/openai/files?\(Self.version)")
    let batch = try test.send(
      "POST",
      "/openai/batches?\(Self.version)",
      json: [
        "input_file_id": file.json?["id"] ?? .null, "endpoint": "/chat/completions",
        "completion_window": "24h",
      ]
    )
    #expect(batch.status == 201)
    let id = batch.json?["id"]?.string ?? ""
    let done = try test.send("GET", "/openai/batches/\(id)?\(Self.version)").json
    #expect(done?["status"] == "completed")
    let output = done?["output_file_id"]?.string ?? ""
    let rows = try test.send("GET", "/openai/files/\(output)/content?\(Self.version)").text
    #expect(rows.split(separator: "\n").count == 2)
  }
}
