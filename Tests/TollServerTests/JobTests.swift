import Primitives
import TestSupport
import Testing
import TollRig

@Suite("Files and fine-tuning jobs")
struct JobTests {
  /// Twelve rows, each of 20 bytes of text in two messages: five tokens.
  static let rows = String(
    repeating: #"{"messages":[{"role":"user","content":"0123456789"},"#
      + #"{"role":"assistant","content":"abcdefghij"}]}"# + "\n",
    count: 12
  )

  private func upload(_ test: TollTest, _ content: String = rows) throws -> JSON {
    try #require(try test.upload(content, purpose: "fine-tune").json?["id"])
  }

  private func create(_ test: TollTest, tag: String? = nil) throws -> JSON {
    var body = JSONObject([
      ("model", "toll-1"), ("training_file", try upload(test)), ("suffix", "mine"),
      ("method", ["type": "supervised", "supervised": ["hyperparameters": ["n_epochs": 2]]]),
    ])
    body["metadata"] = tag.map { ["tag": .string($0)] }
    let answer = try test.send("POST", "/v1/fine_tuning/jobs", json: .object(body))
    #expect(answer.status == 200)
    return try #require(answer.json)
  }

  private func look(_ test: TollTest, _ id: String) throws -> Client.Answer {
    try test.send("GET", "/v1/fine_tuning/jobs/\(id)")
  }

  @Test("files are kept as they came, over a restart, until they are deleted")
  func files() throws {
    let test = try TollTest()
    let id = try upload(test).string ?? ""
    try test.restart()
    let file = try test.send("GET", "/v1/files/\(id)").json
    #expect(file?["bytes"] == JSON(Self.rows.utf8.count))
    #expect(file?["purpose"] == "fine-tune")
    #expect(file?["filename"] == "rows.jsonl")
    #expect(try test.send("GET", "/v1/files/\(id)/content").text == Self.rows)
    #expect(try test.send("GET", "/v1/files?purpose=batch").json?["data"] == [])
    #expect(try test.send("DELETE", "/v1/files/\(id)").json?["deleted"] == true)
    #expect(try test.send("GET", "/v1/files/\(id)").status == 404)
    #expect(try test.send("GET", "/v1/files/\(id)/content").status == 404)
  }

  @Test(
    "forms that are cut short are no files",
    arguments: [
      "--edge\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc", "nothing", "",
      "--edge\r\nno name\r\n\r\nabc\r\n--edge--\r\n",
    ]
  )
  func badForms(form: String) throws {
    let test = try TollTest()
    let answer = try Client(port: test.toll.port).send(
      "POST",
      "/v1/files",
      headers: ["Content-Type": "multipart/form-data; boundary=edge"],
      body: Array(form.utf8)
    )
    #expect(answer.status == 400)
    #expect(try test.send("GET", "/v1/files").json?["data"] == [])
  }

  @Test("a job goes from state to state, and is charged once")
  func succeeds() throws {
    let test = try TollTest()
    let job = try create(test)
    let id = job["id"]?.string ?? ""
    #expect(job["status"] == "validating_files")
    #expect(try look(test, id).json?["status"] == "queued")
    try test.restart()
    #expect(try look(test, id).json?["status"] == "running")
    let done = try look(test, id).json
    #expect(done?["status"] == "succeeded")
    #expect(done?["trained_tokens"] == 120)
    let model = try #require(done?["fine_tuned_model"]?.string)
    #expect(model.hasPrefix("ft:toll-1:toll:mine:"))
    try test.restart()
    #expect(try look(test, id).json?["fine_tuned_model"] == .string(model))
    let file = done?["result_files"]?.array?.first?.string ?? ""
    let curve = try test.send("GET", "/v1/files/\(file)/content").text.split(separator: "\n")
    #expect(curve.first?.hasPrefix("step,train_loss") == true)
    #expect(curve.count == 9)
    let charges = try test.ledger.records().filter { $0["event"] == "training" }
    #expect(charges.map { $0["trained_tokens"] } == [120])
    #expect(try test.chat("a").status == 200)
  }

  @Test("events and checkpoints come newest first, in pages")
  func events() throws {
    let test = try TollTest()
    let id = try create(test)["id"]?.string ?? ""
    for _ in 1...3 { _ = try look(test, id) }
    var after = ""
    var messages: [String] = []
    var pages = 0
    repeat {
      let page = try test.send("GET", "/v1/fine_tuning/jobs/\(id)/events?limit=5\(after)").json
      messages += page?["data"]?.array?.compactMap { $0["message"]?.string } ?? []
      after = "&after=\(page?["last_id"]?.string ?? "")"
      pages += 1
      if page?["has_more"]?.bool != true { break }
    } while pages < 10
    // Created, four states, and four steps of each of two epochs.
    #expect(messages.count == 13)
    #expect(pages == 3)
    #expect(messages.last == "Created fine-tuning job: \(id)")
    let checkpoints = try test.send("GET", "/v1/fine_tuning/jobs/\(id)/checkpoints").json
    #expect(checkpoints?["data"]?.array?.compactMap { $0["step_number"]?.int } == [8, 4])
  }

  @Test("jobs are found by their metadata, newest first, page by page")
  func list() throws {
    let test = try TollTest()
    let ids = try ["a", "b", "a"].map { try create(test, tag: $0)["id"] }
    func page(_ query: String) throws -> (ids: [JSON?], hasMore: JSON?) {
      let json = try test.send("GET", "/v1/fine_tuning/jobs?\(query)").json
      return (json?["data"]?.array?.map { $0["id"] } ?? [], json?["has_more"])
    }
    #expect(try page("").ids == [ids[2], ids[1], ids[0]])
    #expect(try page("metadata%5Btag%5D=a").ids == [ids[2], ids[0]])
    #expect(try page("metadata[tag]=b").ids == [ids[1]])
    #expect(try page("metadata[tag]=c").ids == [])
    let first = try page("metadata[tag]=a&limit=1")
    #expect(first.ids == [ids[2]])
    #expect(first.hasMore == true)
    let second = try page("metadata[tag]=a&limit=1&after=\(ids[2]?.string ?? "")")
    #expect(second.ids == [ids[0]])
    #expect(second.hasMore == false)
  }

  @Test("cancelling ends a job once, and not after its end")
  func cancel() throws {
    let test = try TollTest()
    let id = try create(test)["id"]?.string ?? ""
    let path = "/v1/fine_tuning/jobs/\(id)/cancel"
    #expect(try test.send("POST", path).json?["status"] == "cancelled")
    #expect(try test.send("POST", path).status == 400)
    #expect(try look(test, id).json?["status"] == "cancelled")
    #expect(try test.ledger.records().filter { $0["event"] == "training" }.isEmpty)
  }

  @Test("a script says what each look shows")
  func script() throws {
    let script = """
      {"1": ["queued", {"http": 500, "repeat": 2}, "running", "queued", "pausing",
             {"status": "succeeded", "fine_tuned_model": null}],
       "2": [{"status": "failed", "error": null}], "3": ["queued", {"http": 404}], "*": ["cancelled"]}
      """
    let test = try TollTest("--job-script", script)
    let ids = try (1...4).map { _ in try create(test)["id"]?.string ?? "" }
    let looks = try (1...7).map { _ in try look(test, ids[0]) }
    #expect(looks.map(\.status) == [500, 500, 200, 200, 200, 200, 200])
    #expect(
      looks.compactMap { $0.json?["status"]?.string } == [
        "running", "queued", "pausing", "succeeded", "succeeded",
      ]
    )
    #expect(looks.last?.json?["fine_tuned_model"] == .null)
    let failed = try look(test, ids[1]).json
    #expect(failed?["status"] == "failed")
    #expect(failed?["error"] == .null)
    #expect(try look(test, ids[2]).status == 404)
    #expect(try look(test, ids[3]).json?["status"] == "cancelled")
    let listed = try test.send("GET", "/v1/fine_tuning/jobs").json?["data"]?.array ?? []
    #expect(listed.compactMap { $0["id"]?.string } == [ids[3], ids[1], ids[0]])
  }

  @Test("with a delay the clock moves a job, not looking at it")
  func delay() throws {
    let test = try TollTest("--job-delay", "86400000")
    let id = try create(test)["id"]?.string ?? ""
    for _ in 1...5 { #expect(try look(test, id).json?["status"] == "validating_files") }
    try test.restart("--job-delay", "1")
    #expect(try look(test, id).json?["status"] == "succeeded")
  }

  @Test(
    "a training file that is no good fails its job",
    arguments: [
      ("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\n", "1 example(s)"),
      ("{\"prompt\":\"a\"}\n", "Line 1 of the training file"),
    ]
  )
  func badFile(content: String, says: String) throws {
    let test = try TollTest()
    let file = try upload(test, content)
    let job = try test.send(
      "POST",
      "/v1/fine_tuning/jobs",
      json: ["model": "m", "training_file": file]
    ).json
    #expect(job?["status"] == "validating_files")
    let failed = try look(test, job?["id"]?.string ?? "").json
    #expect(failed?["status"] == "failed")
    #expect(failed?["error"]?["message"]?.string?.contains(says) == true)
  }

  @Test("a fault behind the effect leaves a job, one before it does not")
  func faults() throws {
    let faults = #"{"jobs": {"calls": {"1": "reset-before-charge", "2": "reset-after-charge"}}}"#
    let test = try TollTest("--faults", faults)
    let body: JSON = [
      "model": "m", "training_file": try upload(test), "metadata": ["tag": "x"],
    ]
    for _ in 1...2 {
      #expect(try test.send("POST", "/v1/fine_tuning/jobs", json: body).end == .reset)
    }
    let jobs = try test.send("GET", "/v1/fine_tuning/jobs?metadata[tag]=x").json?["data"]?.array
    #expect(jobs?.count == 1)
    let made = try test.ledger.requests("jobs").compactMap { $0["object"] }
    #expect(made == [jobs?.first?["id"]].compactMap { $0 })
  }

  @Test(
    "what a job cannot be made of is refused",
    arguments: [
      #"{"training_file":"file-1"}"#, #"{"model":"m"}"#, #"{"model":"m","training_file":"file-1"}"#,
    ]
  )
  func refused(body: String) throws {
    let test = try TollTest()
    let answer = try Client(port: test.toll.port)
      .send("POST", "/v1/fine_tuning/jobs", body: Array(body.utf8))
    #expect([400, 404].contains(answer.status))
    #expect(try test.send("GET", "/v1/fine_tuning/jobs").json?["data"] == [])
  }
}
