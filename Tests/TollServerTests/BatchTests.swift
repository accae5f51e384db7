import Primitives
import TestSupport
import Testing
import TollRig

@Suite("Batches")
struct BatchTests {
  /// Lines for rows `r1`, `r2`, …; each prompt is what is given.
  static func lines(_ prompts: [String]) -> String {
    prompts.enumerated().map { index, prompt in
      let line: JSON = [
        "custom_id": .string("r\(index + 1)"), "method": "POST", "url": "/v1/chat/completions",
        "body": TollTest.body(prompt),
      ]
      return line.compactText + "\n"
    }.joined()
  }

  static let eight = (1...8).map { "question \($0)" }

  private func create(_ test: TollTest, _ content: String) throws -> String {
    let file = try #require(try test.upload(content, purpose: "batch").json?["id"])
    let batch = try test.send(
      "POST",
      "/v1/batches",
      json: [
        "input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h",
        "metadata": ["tag": "x"],
      ]
    )
    #expect(batch.status == 200)
    #expect(batch.json?["status"] == "validating")
    return try #require(batch.json?["id"]?.string)
  }

  private func look(_ test: TollTest, _ id: String) throws -> JSON {
    try #require(try test.send("GET", "/v1/batches/\(id)").json)
  }

  /// Rows of one of a batch's files.
  private func rows(_ test: TollTest, _ file: JSON?) throws -> [JSON] {
    guard let id = file?.string else { return [] }
    return try test.send("GET", "/v1/files/\(id)/content").text.split(separator: "\n")
      .map { try JSON(parsing: String($0)) }
  }

  private func names(_ rows: [JSON]) -> [String] { rows.compactMap { $0["custom_id"]?.string } }

  @Test("a batch brings each row's answer, in an order of its own, at half the price")
  func completes() throws {
    let test = try TollTest()
    let id = try create(test, Self.lines(Self.eight))
    #expect(try look(test, id)["status"] == "in_progress")
    #expect(try test.ledger.charges().count == 4)
    try test.restart()
    #expect(try look(test, id)["status"] == "finalizing")
    let done = try look(test, id)
    #expect(done["status"] == "completed")
    #expect(done["error_file_id"] == .null)
    #expect(done["request_counts"]?["completed"] == 8)
    let rows = try rows(test, done["output_file_id"])
    #expect(names(rows).sorted() == (1...8).map { "r\($0)" })
    #expect(names(rows) != (1...8).map { "r\($0)" })
    // The same call online has the same answer and the same digest.
    let row = try #require(rows.first { $0["custom_id"] == "r3" })
    #expect(row["response"]?["body"] == (try test.chat("question 3").json))
    let counts = try test.ledger.chargesByCall()
    #expect(counts.count == 8)
    #expect(counts.values.sorted() == [1, 1, 1, 1, 1, 1, 1, 2])
    let lines = try test.ledger.charges().filter { $0["event"] == "line" }
    #expect(lines.allSatisfy { $0["share"] == 0.5 })
    let report = try Toll.run(["report", test.ledger.path, "--json", "--price", "1/0"])
    // Prompts have three tokens: eight at half the price, one at the whole.
    #expect((try JSON(parsing: report.output))["cost_usd"] == 0.000015)
  }

  @Test("odd and refused rows")
  func odd() throws {
    let test = try TollTest("--batch-script", #"{"steps": ["validating", "completed"]}"#)
    let prompts = ["a", "b [[toll: refusal]]", "c [[toll: status-400]]", "d [[toll: no-usage]]"]
    let id = try create(test, Self.lines(prompts))
    let done = try look(test, id)
    let output = try rows(test, done["output_file_id"])
    #expect(names(output).sorted() == ["r1", "r2", "r4"])
    let refusal = output.first { $0["custom_id"] == "r2" }?["response"]?["body"]
    #expect(refusal?["choices"]?.array?.first?["message"]?["refusal"]?.string != nil)
    let errors = try rows(test, done["error_file_id"])
    #expect(names(errors) == ["r3"])
    #expect(errors.first?["response"]?["status_code"] == 400)
    #expect(done["request_counts"]?["failed"] == 1)
    #expect(try test.ledger.charges().count == 3)
  }

  @Test("an expired batch keeps what was paid for")
  func expires() throws {
    let script = #"{"steps": ["validating", "in_progress", "expired"], "done": 0.75}"#
    let test = try TollTest("--batch-script", script)
    let id = try create(test, Self.lines(Self.eight))
    _ = try look(test, id)
    let done = try look(test, id)
    #expect(done["status"] == "expired")
    #expect(names(try rows(test, done["output_file_id"])).count == 6)
    let errors = try rows(test, done["error_file_id"])
    #expect(names(errors) == ["r7", "r8"])
    #expect(errors.map { $0["error"]?["code"] } == ["batch_expired", "batch_expired"])
    #expect(try test.ledger.charges().count == 6)
  }

  @Test("cancelling keeps what was done, and takes a look to end")
  func cancel() throws {
    let test = try TollTest()
    let id = try create(test, Self.lines(Self.eight))
    _ = try look(test, id)
    let path = "/v1/batches/\(id)/cancel"
    #expect(try test.send("POST", path).json?["status"] == "cancelling")
    try test.restart()
    let done = try look(test, id)
    #expect(done["status"] == "cancelled")
    #expect(names(try rows(test, done["output_file_id"])).count == 4)
    #expect(try rows(test, done["error_file_id"]).count == 4)
    #expect(try test.send("POST", path).status == 409)
    #expect(try test.ledger.charges().count == 4)
  }

  @Test("a script loses rows, doubles them, refuses them, and turns their order")
  func rows() throws {
    let script = """
      {"1": {"steps": ["completed"],
             "rows": {"missing": [2], "twice": [3], "failed": {"5": 429}, "order": "reversed"}}}
      """
    let test = try TollTest("--batch-script", script)
    let file = try #require(
      try test.upload(Self.lines(Self.eight), purpose: "batch").json?["id"]
    )
    let made = try test.send(
      "POST",
      "/v1/batches",
      json: [
        "input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h",
      ]
    ).json
    let done = try look(test, made?["id"]?.string ?? "")
    let output = names(try rows(test, done["output_file_id"]))
    #expect(output == ["r3", "r8", "r7", "r6", "r4", "r3", "r1"])
    let errors = try rows(test, done["error_file_id"])
    #expect(names(errors) == ["r5"])
    #expect(errors.first?["response"]?["status_code"] == 429)
    // What is missing was worked on and is charged; what was refused is not.
    #expect(try test.ledger.charges().count == 7)
  }

  @Test(
    "an input file that cannot be worked on fails its batch",
    arguments: [
      ("", "empty_file"), ("{\n", "not parseable"),
      (BatchTests.lines(["a"]) + BatchTests.lines(["b"]), "duplicate_custom_id"),
      (BatchTests.lines(["a"]).replacing("POST", with: "GET"), "not POST"),
    ]
  )
  func badInput(content: String, says: String) throws {
    let test = try TollTest()
    let id = try create(test, content)
    let failed = try look(test, id)
    #expect(failed["status"] == "failed")
    #expect(failed["errors"]?["data"]?.array?.first?.compactText.contains(says) == true)
    #expect(try test.ledger.charges().isEmpty)
  }

  @Test("batches are found by their metadata")
  func list() throws {
    let test = try TollTest()
    let id = try create(test, Self.lines(["a"]))
    let found = try test.send("GET", "/v1/batches?metadata[tag]=x&limit=1").json
    #expect(found?["data"]?.array?.map { $0["id"] } == [.string(id)])
    #expect(try test.send("GET", "/v1/batches?metadata[tag]=y").json?["data"] == [])
    #expect(try test.send("GET", "/v1/batches/batch_1").status == 404)
  }
}
