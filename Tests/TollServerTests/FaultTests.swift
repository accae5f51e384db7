import Primitives
import TestSupport
import TollRig
import Testing

@Suite("Faults")
struct FaultTests {
  /// What a client sees of a fault, and what it costs.
  struct Case: Sendable, CustomTestStringConvertible {
    let marker: String
    let status: Int
    let end: Client.End
    let isCharged: Bool

    init(_ marker: String, _ status: Int, _ end: Client.End, charged: Bool) {
      self.marker = marker
      self.status = status
      self.end = end
      isCharged = charged
    }

    var testDescription: String { marker }
  }

  static let cases: [Case] = [
    Case("status status=418", 418, .open, charged: false),
    Case("status-503", 503, .open, charged: false),
    Case("rate-limit", 429, .open, charged: false),
    Case("rate-limit-date", 429, .open, charged: false),
    Case("rate-limit-long", 429, .open, charged: false),
    Case("rate-limit-bare", 429, .open, charged: false),
    Case("rate-limit-garbage", 429, .open, charged: false),
    Case("rate-limit-ms", 429, .open, charged: false),
    Case("quota", 429, .open, charged: false),
    Case("server-error", 500, .open, charged: false),
    Case("overloaded", 503, .open, charged: false),
    Case("unauthorized", 401, .open, charged: false),
    Case("forbidden", 403, .open, charged: false),
    Case("not-found", 404, .open, charged: false),
    Case("too-large", 413, .open, charged: false),
    Case("unprocessable", 422, .open, charged: false),
    Case("redirect status=302", 302, .open, charged: false),
    Case("reset-before-charge", 0, .reset, charged: false),
    Case("close-before-charge", 0, .closed, charged: false),
    Case("stall-before-charge seconds=0.05", 0, .closed, charged: false),
    Case("reset-after-charge", 0, .reset, charged: true),
    Case("close-after-charge", 0, .closed, charged: true),
    Case("stall-before-headers seconds=0.05", 0, .closed, charged: true),
    Case("bad-gateway", 502, .open, charged: true),
    Case("bad-gateway charge=false", 502, .open, charged: false),
    Case("gateway-timeout", 504, .open, charged: true),
    Case("close-inside-answer", 200, .closed, charged: true),
    Case("stall-inside-answer seconds=0.05", 200, .closed, charged: true),
    Case("drip ms=0", 200, .open, charged: true),
    Case("short-body", 200, .closed, charged: true),
    Case("long-body", 200, .open, charged: true),
    Case("chunks-cut", 200, .closed, charged: true),
    Case("close-after-answer", 200, .open, charged: true),
    Case("html", 200, .open, charged: true),
    Case("error-inside", 200, .open, charged: true),
    Case("empty-body", 200, .open, charged: true),
    Case("truncated-json", 200, .open, charged: true),
    Case("huge bytes=300000", 200, .open, charged: true),
    Case("endless bytes=3000000", 200, .open, charged: true),
    Case("server-error charge=true", 500, .open, charged: true),
  ]

  @Test("each is seen as it should be, and charged as it should be", arguments: cases)
  func seen(_ fault: Case) throws {
    let test = try TollTest()
    let answer = try test.chat("[[toll: \(fault.marker)]]")
    #expect(answer.status == fault.status)
    #expect(answer.end == fault.end)
    let charges = try test.ledger.charges()
    #expect(charges.count == (fault.isCharged ? 1 : 0))
    let record = try test.lastRequest()["fault"]
    let name = record?.string ?? record?["fault"]?.string ?? ""
    #expect(fault.marker.hasPrefix(name) && !name.isEmpty)
    // Another request on another connection is served as if nothing had been.
    #expect(try test.chat("and now?").content?.hasPrefix("The answer is") == true)
  }

  // A reset may overtake what was sent before it, so that only the end is certain.
  @Test("cut in the middle", arguments: ["reset-inside-headers", "reset-inside-answer"])
  func cut(name: String) throws {
    let test = try TollTest()
    let answer = try test.chat("[[toll: \(name)]]")
    #expect(answer.end == .reset)
    #expect(answer.json == nil)
    #expect(try test.ledger.charges().count == 1)
  }

  @Test(
    "cut before the request is read",
    arguments: ["reset-before-reading", "reset-inside-request"]
  )
  func cutBeforeReading(name: String) throws {
    let test = try TollTest("--faults", #"{"calls": {"1": "\#(name)"}}"#)
    let answer = try test.chat(String(repeating: "a long prompt ", count: 200_000))
    #expect(answer.end == .reset)
    let record = try test.lastRequest()
    #expect(record["charged"] == false)
    #expect(record["body"] == nil)
    #expect(record["fault"] == .string(name))
  }

  @Test("an answer may be the last on its connection without saying so")
  func closesAfter() throws {
    let test = try TollTest()
    let client = try Client(port: test.toll.port)
    let body = Array(TollTest.body("[[toll: close-after-answer]]").compactText.utf8)
    let answer = client.send("POST", "/v1/chat/completions", body: body)
    #expect(answer.content?.hasPrefix("The answer is") == true)
    #expect(answer.header("connection") == nil)
    #expect(client.read().end == .closed)
  }

  @Test("the ledger says which answers were not sent whole")
  func complete() throws {
    let test = try TollTest()
    // On one connection, so that each end is recorded before the next request is read.
    let client = try Client(port: test.toll.port)
    for marker in ["", "[[toll: drip ms=0]]", "[[toll: close-inside-answer]]"] {
      let body = TollTest.body("a \(marker)").compactText
      _ = client.send("POST", "/v1/chat/completions", body: Array(body.utf8))
    }
    _ = try test.chat("a later commit carries the last end")
    let ends = try test.ledger.records().filter { $0["event"] == "end" }
    #expect(ends.prefix(3).map { $0["complete"] } == [true, true, false])
  }

  @Test("once is once for a request, whatever the server's life")
  func once() throws {
    let test = try TollTest()
    let prompt = "a [[toll: close-after-charge once]]"
    #expect(try test.chat(prompt).status == 0)
    #expect(try test.chat(prompt).status == 200)
    try test.restart()
    #expect(try test.chat(prompt).status == 200)
    #expect(try test.chat("another \(prompt)").status == 0)
    #expect(try test.ledger.chargesByCall().values.sorted() == [1, 3])
  }

  @Test("a refusal echoes the request where it should, and the ledger never holds the key")
  func echo() throws {
    let test = try TollTest()
    let answer = try test.send(
      "POST",
      "/v1/chat/completions",
      headers: ["Authorization": "Bearer sk-canary-1"],
      json: TollTest.body("[[toll: unprocessable]]")
    )
    #expect(answer.text.contains("sk-canary-1"))
    #expect(answer.text.contains("unprocessable"))
    #expect(!(try test.folder.read("ledger").contains("canary")))
  }

  @Test("says when to come back")
  func retryAfter() throws {
    let test = try TollTest()
    func header(_ marker: String, _ name: String = "retry-after") throws -> String? {
      try test.chat("[[toll: \(marker)]]").header(name)
    }
    #expect(try header("rate-limit retry-after=7") == "7")
    #expect(try header("rate-limit retry-after=-3") == "-3")
    #expect(try header("rate-limit retry-after=NaN") == "NaN")
    #expect(try header("rate-limit-bare") == nil)
    #expect(try header("rate-limit-garbage") == "soon")
    #expect(try header("rate-limit-long") == "10800")
    #expect(try header("rate-limit-ms ms=125", "retry-after-ms") == "125")
    let date = try header("rate-limit-date") ?? ""
    #expect(date.contains(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/))
    #expect(try header("redirect location=http://elsewhere/", "location") == "http://elsewhere/")
  }
}
