import Diagnostics
import ModelService
import Primitives
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Batches answer calls once")
struct BatchTests {
  /// 1 USD for a million tokens in, 2 for a million out; half of it in batches.
  static let pricing = Pricing(input: 1, output: 2)

  static func calls(_ prompts: [String], _ endpoint: ModelEndpoint) -> [ModelCall] {
    prompts.map { prompt in
      ModelCall(
        .asking(prompt, decoding: DecodingParameters(maxTokens: 100)),
        model: endpoint.identity
      )
    }
  }

  static func endpoint(_ fixture: Fixture, _ dialect: Dialect? = nil) throws -> ModelEndpoint {
    let path = dialect == nil ? "/v1" : ""
    return try ModelEndpoint(
      address: try ServiceAddress(baseURL: fixture.server.url + path),
      model: "m",
      identity: .named("test-m", revision: nil),
      dialect: dialect,
      pricing: pricing
    )
  }

  @Test("uploads, creates with the tag, follows, and records under the keys of calls online")
  func answers() async throws {
    let server = BatchServer(
      status: { [1: "validating", 2: "in_progress", 3: "finalizing"][$0] },
      end: { BatchServer.End(output: $0.lines.reversed().map { $0.answered() }) }
    )
    let fixture = try await Fixture(server.answer)
    let endpoint = try Self.endpoint(fixture)
    let calls = Self.calls(["one", "two", "three"], endpoint)
    let seen = Mutex<[BatchProgress]>([])
    let report = try await fixture.service().batches.answer(calls, from: endpoint) { progress in
      seen.withLock { $0.append(progress) }
    }
    #expect(report.made == 3)
    #expect(report.reused == 0)
    #expect(report.failures.isEmpty)
    // 7 tokens in and 5 out, each time, at half the price.
    #expect(report.spent == Money(nanos: 3 * (7 * 500 + 5 * 1000)))
    #expect(report.batches == ["batch-1"])
    #expect(seen.withLock { $0.map(\.total) } == [3, 3, 3, 3])

    let job = try #require(try await fixture.store.ledger.jobs(kind: .batch).first)
    #expect(job.state == .succeeded)
    #expect(job.remoteID == "batch-1")
    let expected: JSON = [
      "input_file_id": "file-1", "endpoint": "/v1/chat/completions", "completion_window": "24h",
      "metadata": ["distill": .string(job.tag)],
    ]
    #expect(server.batches.map(\.request) == [expected])
    let line: JSON = [
      "custom_id": .string(calls[0].key.hex), "method": "POST", "url": "/v1/chat/completions",
      "body": [
        "model": "m", "messages": [["role": "user", "content": "one"]], "temperature": 0.0,
        "top_p": 1.0, "max_tokens": 100,
      ],
    ]
    #expect(server.batches.first?.lines.first?.json == line)
    #expect(server.files.map(\.name) == ["input-\(job.tag).jsonl"])

    let recorded = try await fixture.store.ledger.lookup(calls.map(\.key))
    for (call, text) in zip(calls, ["one", "two", "three"]) {
      let body = try #require(recorded[call.key]?.body)
      #expect(try JSON(parsing: body)["text"] == .string(text))
    }
    let requests = fixture.server.received.count
    let again = try await fixture.service(runID: "later").batches.answer(calls, from: endpoint)
    #expect(again.reused == 3)
    #expect(again.made == 0)
    #expect(fixture.server.received.count == requests)
  }

  @Test("lines that are answers, and lines that are none, each come to what they should")
  func sortsLines() async throws {
    let tool = Chat.body(nil, message: JSONObject([("tool_calls", [["id": "t"]])]))
    let server = BatchServer(end: { batch in
      var output: [String] = []
      var errors: [String] = []
      for line in batch.lines {
        switch line.prompt {
        case "refused": errors.append(line.answered(400, Chat.error("too long")))
        case "cut": output.append(line.answered(200, Chat.body("te", finish: "length")))
        case "tool": output.append(line.answered(200, tool))
        case "twice":
          output.append(line.answered())
          output.append(line.answered(200, Chat.body("another")))
        case "expired" where batch.id == "batch-1": errors.append(line.withheld("batch_expired"))
        case "overloaded" where batch.id == "batch-1":
          errors.append(line.answered(503, Chat.error("overloaded")))
        default: output.append(line.answered())
        }
      }
      let other = Digest(of: "another call").hex
      output.append(#"{"custom_id":"\#(other)","response":{"status_code":200,"body":{}}}"#)
      output.append(#"{"custom_id":"row 1","response":{"status_code":200,"body":{}}}"#)
      output += ["not JSON", "", #"{"custom_id":"\#(other)"}"#]
      let status = batch.id == "batch-1" ? "expired" : "completed"
      return BatchServer.End(status: status, output: output, errors: errors)
    })
    let fixture = try await Fixture(server.answer)
    let endpoint = try Self.endpoint(fixture)
    let prompts = ["fine", "refused", "cut", "tool", "twice", "expired", "overloaded"]
    let calls = Self.calls(prompts, endpoint)
    let report = try await fixture.service().batches.answer(calls, from: endpoint)
    #expect(report.made == 7)
    #expect(report.failures.isEmpty)
    #expect(report.duplicates == 1)
    #expect(report.strangers == 4)
    #expect(report.malformed == 4)
    #expect(report.batches == ["batch-1", "batch-2"])
    // Only what was not worked on is sent again.
    #expect(server.batches.map { $0.lines.map(\.prompt) } == [prompts, ["expired", "overloaded"]])

    let recorded = try await fixture.store.ledger.lookup(calls.map(\.key))
    let outcomes = calls.map { recorded[$0.key]?.outcome }
    #expect(
      outcomes
        == [.answered, .rejected, .truncated, .toolCall, .answered, .answered, .answered]
    )
    let texts = try calls.map { try JSON(parsing: recorded[$0.key]?.body ?? [])["text"]?.string }
    #expect(texts[4] == "twice")
    #expect(
      try await fixture.store.ledger.jobs(kind: .batch).map(\.state) == [.cancelled, .succeeded]
    )
    // What was turned away and what was not worked on cost nothing.
    let attempts = try await fixture.store.ledger.attempts(of: calls[5].key)
    #expect(attempts.map(\.outcome) == ["declined", "answered"])
    #expect(recorded[calls[1].key]?.cost == .zero)
  }

  @Test(
    "an expired or cancelled batch keeps its paid part; only the rest is sent again",
    arguments: ["expired", "cancelled", "failed"]
  )
  func keepsPaidPart(status: String) async throws {
    let server = BatchServer(end: { batch in
      guard batch.id == "batch-1" else {
        return BatchServer.End(output: batch.lines.map { $0.answered() })
      }
      // No line at all for the others, and no error file.
      return BatchServer.End(status: status, output: [batch.lines[1].answered()])
    })
    let fixture = try await Fixture(server.answer)
    let endpoint = try Self.endpoint(fixture)
    let calls = Self.calls(["a", "b", "c"], endpoint)
    let report = try await fixture.service().batches.answer(calls, from: endpoint)
    #expect(report.made == 3)
    #expect(server.promptCounts == ["a": 2, "b": 1, "c": 2])
    #expect(try await fixture.store.ledger.inDoubt().isEmpty)
  }

  @Test(
    "a line that is missing of a whole batch is in doubt, and sent again as the policy says",
    arguments: [["a", "b"], ["a", "b", "expired"]]
  )
  func leavesMissingInDoubt(prompts: [String]) async throws {
    let server = BatchServer(end: { batch in
      guard batch.id == "batch-1" else {
        return BatchServer.End(output: batch.lines.map { $0.answered() })
      }
      let expired = batch.lines.filter { $0.prompt == "expired" }
      return BatchServer.End(
        output: [batch.lines[0].answered()],
        errors: expired.map { $0.withheld("batch_expired") }
      )
    })
    let fixture = try await Fixture(server.answer)
    let endpoint = try Self.endpoint(fixture)
    let calls = Self.calls(prompts, endpoint)
    let asking = fixture.service(CallPolicy(inDoubt: .ask)).batches
    let report = try await asking.answer(calls, from: endpoint)
    #expect(report.made == prompts.count - 1)
    guard case .inDoubt(let trouble)? = report.failures[calls[1].key] else {
      Issue.record("expected doubt, found \(report.failures)")
      return
    }
    #expect(trouble.message == "an earlier run ended before its answer was recorded")
    let doubt = try #require(try await fixture.store.ledger.inDoubt().first)
    #expect(doubt.key == calls[1].key)
    #expect(doubt.detail?.contains("batch 'batch-1' ended without a line for the call") == true)

    let resending = try await fixture.service().batches.answer(calls, from: endpoint)
    #expect(resending.made == 1)
    #expect(server.promptCounts["a"] == 1)
    #expect(server.promptCounts["b"] == 2)
    #expect(try await fixture.store.ledger.inDoubt().isEmpty)
  }
}
