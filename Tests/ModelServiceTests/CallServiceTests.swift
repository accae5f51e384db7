import ModelService
import Primitives
import Store
import Testing
import TestSupport

@Suite("Calls are made once")
struct CallServiceTests {
  @Test("an answer is recorded, and never asked for again")
  func reusesAnswers() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint()
    let service = fixture.service()
    let first = try await service.answer(.asking("Hi"), from: endpoint)
    #expect(first.origin == .made)
    #expect(first.answer.text == "Hi")
    #expect(first.answer.state == .answered)
    #expect(first.answer.finishReason == "stop")
    #expect(first.answer.servedModel == "served-1")
    #expect(first.answer.usage == Answer.Usage(promptTokens: 7, completionTokens: 5))

    let other = fixture.service(runID: "later")
    let second = try await other.answer(.asking("Hi"), from: endpoint)
    #expect(second.origin == .reused)
    #expect(second.answer == first.answer)
    #expect(fixture.server.received.count == 1)
    #expect(try await other.alreadyRecorded([first.key, Digest(of: "x")]) == [first.key])
    #expect(try await other.recordedAnswers([first.key]) == [first.key: first.answer])
    #expect(service.counts.made == 1)
    #expect(other.counts.reused == 1)
    #expect(other.counts.attempts == 0)
  }

  @Test("the request says what the logical request says, in the endpoint's dialect")
  func sendsTheRequest() async throws {
    let fixture = try await Fixture(Chat.echo)
    let request = LogicalRequest(
      messages: [.init(role: "system", content: "s"), .init(role: "user", content: "u")],
      decoding: DecodingParameters(temperature: 0.5, topP: 0.9, topK: 3, maxTokens: 9, stop: ["#"]),
      responseFormat: ["type": "json_object"]
    )
    let service = fixture.service()
    for sample in 0..<2 {
      let draw = Draw(seed: 11, sample: sample)
      _ = try await service.answer(request, draw: draw, from: try fixture.endpoint())
    }
    let received = fixture.server.received
    #expect(received.map(\.target) == ["/v1/chat/completions", "/v1/chat/completions"])
    let body = try JSON(parsing: received[0].body)
    let expected: JSON = [
      "model": "m", "temperature": 0.5, "top_p": 0.9, "top_k": 3, "max_tokens": 9, "stop": ["#"],
      "seed": 11, "response_format": ["type": "json_object"],
      "messages": [
        ["role": "system", "content": "s"], ["role": "user", "content": "u"],
      ],
    ]
    #expect(body == expected)
    #expect(received[0].header("authorization") == nil)
    // Derived from (11, 1), and so no seed of another first sample.
    let seed = try JSON(parsing: received[1].body)["seed"]?.integer
    #expect(seed != 11 && seed != 12 && (seed ?? -1) >= 0)
  }

  @Test("a service that wants it otherwise gets the limit under its own name, and no seed")
  func sendsDialect() async throws {
    let fixture = try await Fixture(Chat.echo)
    let plain = try fixture.endpoint()
    let endpoint = try ModelEndpoint(
      address: plain.address,
      model: "m \"1\"",
      identity: plain.identity,
      dialect: .openAI(tokenLimitField: .maxCompletionTokens, sendsSeed: false)
    )
    let request = LogicalRequest.asking("Hi", decoding: DecodingParameters(maxTokens: 9))
    _ = try await fixture.service().answer(request, draw: Draw(seed: 1), from: endpoint)
    let expected: JSON = [
      "model": "m \"1\"", "temperature": 0.0, "top_p": 1.0, "max_completion_tokens": 9,
      "messages": [["role": "user", "content": "Hi"]],
    ]
    #expect(try JSON(parsing: fixture.server.received[0].body) == expected)
  }

  @Test("64 calls at once with duplicates: one charge a distinct key")
  func fliesOnce() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint(limits: CallLimits(concurrency: 8))
    let service = fixture.service()
    let results = try await withThrowingTaskGroup(of: CallResult.self) { group in
      for number in 0..<64 {
        group.addTask { try await service.answer(.asking("q\(number % 16)"), from: endpoint) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.count == 64)
    #expect(Set(results.map(\.key)).count == 16)
    #expect(fixture.server.received.count == 16)
    #expect(Set(fixture.server.received.map(\.text)).count == 16)
    #expect(results.count { $0.origin == .made } == 16)
    #expect(service.counts.made == 16)
    #expect(service.counts.reused == 48)
  }

  @Test("as many calls are in flight as the limit says, and no more")
  func limitsConcurrency() async throws {
    let gauge = Gauge(groupsOf: 3)
    let fixture = try await Fixture { request in
      gauge.pass()
      return Chat.echo(request)
    }
    let endpoint = try fixture.endpoint(limits: CallLimits(concurrency: 3))
    let service = fixture.service()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<30 {
        group.addTask { _ = try await service.answer(.asking("q\(number)"), from: endpoint) }
      }
      try await group.waitForAll()
    }
    #expect(fixture.server.received.count == 30)
    #expect(gauge.most == 3)
  }

  @Test("a limit of requests per minute spaces the sendings")
  func limitsPace() async throws {
    let fixture = try await Fixture(Chat.echo)
    let limits = CallLimits(concurrency: 1, requestsPerMinute: 120)
    let endpoint = try fixture.endpoint(limits: limits)
    let service = fixture.service()
    for number in 0..<4 { _ = try await service.answer(.asking("q\(number)"), from: endpoint) }
    #expect(fixture.clock.sleeps == [.milliseconds(500), .milliseconds(500), .milliseconds(500)])
  }

  @Test("a fresh call is made anew, and is the answer from then on")
  func makesFreshAnswers() async throws {
    let fixture = try await Fixture { .answer(200, Chat.body("answer \($0.number)")) }
    let endpoint = try fixture.endpoint()
    let first = try await fixture.service(runID: "a").answer(.asking("Hi"), from: endpoint)
    let again = fixture.service(runID: "b")
    let second = try await again.answer(.asking("Hi"), from: endpoint, fresh: true)
    let third = try await again.answer(.asking("Hi"), from: endpoint, fresh: true)
    let later = try await fixture.service(runID: "c").answer(.asking("Hi"), from: endpoint)
    #expect(first.answer.text == "answer 1")
    #expect([second, third, later].map(\.answer.text) == ["answer 2", "answer 2", "answer 2"])
    #expect(fixture.server.received.count == 2)
    #expect(try await fixture.store.ledger.attempts(of: first.key).count == 2)
  }

  @Test("cancelling ends the waiting; what is in flight is still recorded")
  func keepsAnswersOfCancelledTasks() async throws {
    let gate = Gauge(groupsOf: 2)
    let fixture = try await Fixture { request in
      gate.pass()
      return Chat.echo(request)
    }
    let endpoint = try fixture.endpoint(limits: CallLimits(concurrency: 1))
    let service = fixture.service()
    let running = Task { try await service.answer(.asking("sent"), from: endpoint) }
    await gate.waitForArrival()
    let waiting = Task { try await service.answer(.asking("unsent"), from: endpoint) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    running.cancel()
    // The server answers only now.
    gate.pass()
    #expect(try await running.value.answer.text == "sent")
    #expect(fixture.server.received.map(Chat.prompt) == ["sent"])
    #expect(try await fixture.store.ledger.inDoubt().isEmpty)
  }

  @Test("two processes share one cache: each distinct call is charged once")
  func sharesCacheBetweenProcesses() async throws {
    let fixture = try await Fixture(Chat.echo)
    let endpoint = try fixture.endpoint()
    let other = try await Store.open(at: fixture.store.path, mode: .existing)
    let services = [fixture.service(), fixture.service(on: other)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          let text = "q\(number / 2)"
          let result = try await services[number % 2].answer(.asking(text), from: endpoint)
          #expect(result.answer.text == text)
        }
      }
      try await group.waitForAll()
    }
    #expect(fixture.server.received.count == 20)
    await other.close()
  }

  @Test("a model that changes under its name is noticed")
  func notesServedModels() async throws {
    let fixture = try await Fixture { request in
      .answer(200, Chat.body("x", model: request.number < 3 ? "m-0301" : "m-0613"))
    }
    let endpoint = try fixture.endpoint()
    let service = fixture.service()
    for number in 0..<4 { _ = try await service.answer(.asking("q\(number)"), from: endpoint) }
    #expect(service.servedModels(endpoint) == ["m-0301", "m-0613"])
  }

  @Test("models are listed")
  func listsModels() async throws {
    let fixture = try await Fixture { request in
      request.number == 1
        ? .answer(503, Chat.error("warming up"))
        : .answer(200, #"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#)
    }
    #expect(try await fixture.service().modelNames(at: try fixture.endpoint()) == ["a", "b"])
    #expect(fixture.server.received.map(\.target) == ["/v1/models", "/v1/models"])
  }
}
