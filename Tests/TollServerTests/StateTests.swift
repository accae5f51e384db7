import Foundation
import Primitives
import TestSupport
import Testing
import TollRig

@Suite("A killed server's state")
struct StateTests {
  /// Sends a request on a thread, kills the server at a random moment, starts it anew.
  private func killed(
    _ test: TollTest,
    _ dice: inout SeededGenerator,
    method: String,
    path: String,
    body: JSON? = nil
  ) throws {
    let port = test.toll.port
    let bytes = body.map { Array($0.compactText.utf8) } ?? []
    let client = Threads.start(1) { _ in
      _ = try? Client(port: port).send(method, path, body: bytes)
    }
    usleep(UInt32(dice.below(40_000)))
    test.toll.kill()
    client.wait()
    try test.restart()
  }

  @Test("each line of a batch is charged once, whenever the server is killed")
  func batches() throws {
    let test = try TollTest("--batch-script", #"["validating", "completed"]"#)
    let seed = UInt64.random(in: 0 ... .max)
    var dice = SeededGenerator(seed: seed)
    let prompts = (1...300).map { "question \($0)" }
    let file = try test.upload(BatchTests.lines(prompts), purpose: "batch").json?["id"] ?? .null
    for round in 1...4 {
      let batch = try test.send(
        "POST",
        "/v1/batches",
        json: [
          "input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h",
        ]
      ).json
      let path = "/v1/batches/\(batch?["id"]?.string ?? "")"
      try killed(test, &dice, method: "GET", path: path)
      let done = try test.send("GET", path).json
      #expect(done?["status"] == "completed", "seed \(seed)")
      #expect(done?["request_counts"]?["completed"] == 300)
      let lines = try test.ledger.charges().map { charge in
        "\(charge["batch"]?.string ?? "") \(charge["line"]?.int ?? 0)"
      }
      #expect(lines.count == 300 * round, "seed \(seed)")
      #expect(Set(lines).count == lines.count, "seed \(seed)")
    }
  }

  @Test("a job is there whole or not at all, and an answer means that it is there")
  func jobs() throws {
    let test = try TollTest("--job-script", #"["running", "succeeded"]"#)
    let seed = UInt64.random(in: 0 ... .max)
    var dice = SeededGenerator(seed: seed)
    let file = try test.upload(JobTests.rows, purpose: "fine-tune").json?["id"] ?? .null
    for round in 1...6 {
      let tag = "round-\(round)"
      let body: JSON = ["model": "m", "training_file": file, "metadata": ["tag": .string(tag)]]
      try killed(test, &dice, method: "POST", path: "/v1/fine_tuning/jobs", body: body)
      let page = try test.send("GET", "/v1/fine_tuning/jobs?metadata[tag]=\(tag)").json
      let jobs = page?["data"]?.array ?? []
      #expect(jobs.count <= 1, "seed \(seed)")
      let recorded = try test.ledger.requests("jobs").filter { $0["status"] == 200 }
        .compactMap { $0["object"]?.string }
      let listed = try test.send("GET", "/v1/fine_tuning/jobs?limit=100").json?["data"]?.array
      let ids = Set(listed?.compactMap { $0["id"]?.string } ?? [])
      #expect(Set(recorded).isSubset(of: ids), "seed \(seed)")
      for job in jobs {
        let path = "/v1/fine_tuning/jobs/\(job["id"]?.string ?? "")"
        try killed(test, &dice, method: "GET", path: path)
        #expect(try test.send("GET", path).json?["status"] == "succeeded", "seed \(seed)")
      }
    }
    let trained = try test.ledger.records().filter { $0["event"] == "training" }
      .compactMap { $0["job"]?.string }
    #expect(Set(trained).count == trained.count, "seed \(seed)")
  }
}
