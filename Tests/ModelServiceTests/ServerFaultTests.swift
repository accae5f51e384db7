import ModelService
import Primitives
import Store
import TestSupport
import Testing
import Transfer

@Suite("Every fault of a server has one outcome")
struct ServerFaultTests {
  /// How a fault at the first call must come out.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let fault: [ScriptedServer.Step]
    /// The waits before the answer, in milliseconds.
    let waits: [Int]

    init(_ name: String, _ fault: [ScriptedServer.Step], waits: [Int]) {
      testDescription = name
      self.fault = fault
      self.waits = waits
    }
  }

  private static let slow = Chat.error("slow down", type: "requests")
  private static let chunk =
    #"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}"#
  private static let html = "<html><body>Bad Gateway</body></html>"

  static let refused = [
    Case("429 in seconds", .answer(429, slow, headers: ["Retry-After": "2"]), waits: [2000]),
    Case("429 in ms", .answer(429, slow, headers: ["retry-after-ms": "1500"]), waits: [1500]),
    Case(
      "429 with a date",
      .answer(429, slow, headers: ["Retry-After": "Sat, 21 Nov 2026 00:01:30 GMT"]),
      waits: [90_000]
    ),
    Case(
      "429 with a date past",
      .answer(429, slow, headers: ["Retry-After": "Fri, 20 Nov 2026 00:00:00 GMT"]),
      waits: [500]
    ),
    Case("429 negative", .answer(429, slow, headers: ["Retry-After": "-5"]), waits: [500]),
    Case("429 not a number", .answer(429, slow, headers: ["Retry-After": "NaN"]), waits: [500]),
    Case("429 garbage", .answer(429, slow, headers: ["Retry-After": "soon"]), waits: [500]),
    Case("429 alone", .answer(429, slow), waits: [500]),
    Case("500", .answer(500, Chat.error("oops")), waits: [500]),
    Case("503 without a body", .answer(503), waits: [500]),
    Case("408", .answer(408, Chat.error("too slow")), waits: [500]),
    Case("409", .answer(409, Chat.error("conflict")), waits: [500]),
    Case("425", .answer(425, Chat.error("too early")), waits: [500]),
    Case("500 HTML", .answer(500, html, type: "text/html"), waits: [500]),
    Case("503 in seconds", .answer(503, html, headers: ["Retry-After": "3"]), waits: [3000]),
    Case("529", .answer(529, Chat.error("overloaded")), waits: [500]),
    Case(
      "400 that may be retried",
      .answer(400, Chat.error("not now"), headers: ["x-should-retry": "true"]),
      waits: [500]
    ),
    Case(
      "404 that may be retried",
      .answer(404, Chat.error("not yet"), headers: ["x-should-retry": "true"]),
      waits: [500]
    ),
  ]

  static let inDoubt = [
    Case("502 HTML", .answer(502, html, type: "text/html"), waits: [500]),
    Case("504 HTML", .answer(504, html, type: "text/html"), waits: [500]),
    Case("200 HTML", .answer(200, html, type: "text/html"), waits: [500]),
    Case("200 error", .answer(200, Chat.error("overloaded")), waits: [500]),
    Case("200 empty", .answer(200), waits: [500]),
    Case("200 no choice", .answer(200, #"{"choices":[]}"#), waits: [500]),
    Case("200 cut JSON", .answer(200, #"{"choices":[{"mess"#), waits: [500]),
    Case("200 two values", .answer(200, "\(Chat.body("a")){}"), waits: [500]),
    Case("200 twin keys", .answer(200, #"{"choices":[],"choices":[]}"#), waits: [500]),
    Case("200 deep", .answer(200, String(repeating: "[", count: 10_000)), waits: [500]),
    Case("200 lone surrogate", .answer(200, #"{"choices":["\ud800"]}"#), waits: [500]),
    Case("200 invalid UTF-8", .bytes(Chat.bytes([0xC3, 0x28, 0xFF])), waits: [500]),
    Case("200 raw NUL", .bytes(Chat.bytes([0x61, 0x00, 0x62])), waits: [500]),
    Case("200 NaN", .answer(200, #"{"choices":[],"usage":NaN}"#), waits: [500]),
    Case("200 huge number", .answer(200, #"{"choices":[],"n":1e400}"#), waits: [500]),
    Case("200 content a number", .answer(200, Chat.body(content: 5)), waits: [500]),
    Case("200 a chunk of a stream", .answer(200, Self.chunk), waits: [500]),
    Case("520", .answer(520, html, type: "text/html"), waits: [500]),
    Case("524", .answer(524, html, type: "text/html"), waits: [500]),
    Case("body shorter than promised", .cutAnswer(Chat.body("a"), missing: 5), waits: [500]),
    Case("reset after the request", [.reset], waits: [500]),
    Case("closed after the request", [.close], waits: [500]),
    Case("stall before the answer", [.stall], waits: [500]),
    Case(
      "stall inside the answer",
      [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".utf8)), .stall],
      waits: [500]
    ),
  ]

  @Test("refused: asked again after the wait, nothing lost, nothing in doubt", arguments: refused)
  func retriesRefusals(fault: Case) async throws {
    try await check(fault, doubts: 0, first: "declined")
  }

  @Test("in doubt: sent once more, and both are in the ledger", arguments: inDoubt)
  func resendsOnce(fault: Case) async throws {
    try await check(fault, doubts: 1, first: "lost")
  }

  /// Faults at the first of three calls: each row gets its own answer all the same.
  private func check(_ fault: Case, doubts: Int, first: String) async throws {
    let fixture = try await Fixture { request in
      request.number == 1 ? fault.fault : Chat.echo(request)
    }
    let limits = TransferLimits(total: .milliseconds(fault.fault.stalls ? 200 : 20_000))
    let endpoint = try fixture.endpoint(transfer: limits)
    let service = fixture.service()
    var results: [CallResult] = []
    for number in 0..<3 {
      results.append(try await service.answer(.asking("row \(number)"), from: endpoint))
    }
    #expect(results.map(\.answer.text) == ["row 0", "row 1", "row 2"])
    #expect(fixture.server.received.map(Chat.prompt) == ["row 0", "row 0", "row 1", "row 2"])
    #expect(fixture.clock.sleeps == fault.waits.map { .milliseconds($0) })
    #expect(
      try await fixture.store.ledger.attempts(of: results[0].key).map(\.outcome)
        == [first, "answered"]
    )
    #expect(service.counts.inDoubt == doubts)
    #expect(service.counts.attempts == 4)
    #expect(try await service.inDoubt().isEmpty)
  }

  @Test("in doubt twice: no third sending, the row is listed, the others go on")
  func resendsAtMostOnce() async throws {
    let fixture = try await Fixture { request in
      Chat.prompt(request) == "bad"
        ? .answer(502, Self.html, type: "text/html") : Chat.echo(request)
    }
    let endpoint = try fixture.endpoint()
    let service = fixture.service()
    for _ in 0..<2 {
      let error = await #expect(throws: CallError.self) {
        try await service.answer(.asking("bad"), from: endpoint)
      }
      guard case .inDoubt(let trouble)? = error else {
        Issue.record("expected a call in doubt, found \(String(describing: error))")
        return
      }
      #expect(try await service.inDoubt().map(\.key) == [trouble.key])
    }
    // The second asking sends nothing.
    #expect(fixture.server.received.count == 2)
    #expect(try await service.answer(.asking("good"), from: endpoint).answer.text == "good")
  }

  @Test("refused without end: given up after the policy's attempts, nothing in doubt")
  func givesUp() async throws {
    let fixture = try await Fixture { _ in .answer(500, Chat.error("oops")) }
    let service = fixture.service(CallPolicy(attempts: 4))
    let error = await #expect(throws: CallError.self) {
      try await service.answer(.asking("Hi"), from: try fixture.endpoint())
    }
    let key = ModelCall(.asking("Hi"), model: try fixture.endpoint().identity).key
    #expect(error?.description == "call \(key.short) was refused 4 times: answered 500: oops")
    #expect(fixture.server.received.count == 4)
    #expect(fixture.clock.sleeps == [.milliseconds(500), .seconds(1), .seconds(2)])
    #expect(try await service.inDoubt().isEmpty)
  }

  @Test("a server that says not to retry is not asked again, and goes on with other rows")
  func obeysShouldRetry() async throws {
    let fixture = try await Fixture { request in
      Chat.prompt(request) == "bad"
        ? .answer(500, Chat.error("oops"), headers: ["x-should-retry": "false"])
        : Chat.echo(request)
    }
    let endpoint = try fixture.endpoint()
    let service = fixture.service()
    let error = await #expect(throws: CallError.self) {
      try await service.answer(.asking("bad"), from: endpoint)
    }
    guard case .unanswered(let trouble)? = error else {
      Issue.record("expected 'unanswered', found \(String(describing: error))")
      return
    }
    #expect(trouble.attempts == 1)
    #expect(try await service.answer(.asking("good"), from: endpoint).answer.text == "good")
  }
}

extension [ScriptedServer.Step] {
  fileprivate var stalls: Bool {
    contains { if case .stall = $0 { true } else { false } }
  }
}
