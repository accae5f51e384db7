import Testing
import TinyLlama

/// What an answer depends on, and what it must not depend on.
struct GenerationTests {
  private static let questions = (0..<16).map { index in
    ChatMessage(.user, "Ann has \(index) balls" + String(repeating: " and more", count: index % 5))
  }

  private func requests(temperature: Double) -> [GenerationRequest] {
    Self.questions.enumerated().map { index, question in
      GenerationRequest(
        messages: [question],
        temperature: temperature,
        maxTokens: 12,
        seed: Int64(index)
      )
    }
  }

  private func answers(
    _ engine: GenerationEngine,
    _ requests: [GenerationRequest]
  ) async throws -> [GenerationResult] {
    try await withThrowingTaskGroup(of: (Int, GenerationResult).self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask { (index, try await engine.generate(request)) }
      }
      var results: [Int: GenerationResult] = [:]
      for try await (index, result) in group { results[index] = result }
      return requests.indices.compactMap { results[$0] }
    }
  }

  @Test(arguments: [0.0, 1.0]) func answersDependNeitherOnNeighboursNorOnThreads(
    temperature: Double
  ) async throws {
    let checkpoint = try Fixtures.lively()
    let requests = requests(temperature: temperature)
    let alone = GenerationEngine(checkpoint: checkpoint, threads: 1, slotsPerThread: 1)
    var expected: [GenerationResult] = []
    for request in requests { expected.append(try await alone.generate(request)) }
    #expect(Set(expected.map(\.text)).count > 4, "the fixture's answers hardly differ")
    for (threads, slots) in [(1, 16), (2, 8), (2, 3)] {
      let engine = GenerationEngine(
        checkpoint: checkpoint,
        threads: threads,
        slotsPerThread: slots
      )
      #expect(try await answers(engine, requests) == expected)
    }
  }

  @Test func seedsChangeDrawsAndRepeatThem() async throws {
    let engine = GenerationEngine(checkpoint: try Fixtures.lively(), threads: 1)
    func text(_ seed: Int64, _ temperature: Double, topK: Int = 0, topP: Double = 1) async throws
      -> String
    {
      try await engine.generate(
        GenerationRequest(
          messages: [Self.questions[3]],
          temperature: temperature,
          topP: topP,
          topK: topK,
          maxTokens: 20,
          seed: seed
        )
      ).text
    }
    let first = try await text(1, 1)
    #expect(try await text(1, 1) == first)
    #expect(try await text(2, 1) != first)
    let greedy = try await text(1, 0)
    #expect(try await text(2, 0) == greedy)
    #expect(try await text(2, 1, topK: 1) == greedy, "one candidate leaves nothing to draw")
    #expect(try await text(2, 1, topP: 1e-9) == greedy, "the first candidate is always kept")
  }

  @Test func limitsEndAnswers() async throws {
    let checkpoint = try Fixtures.lively(context: 40)
    let engine = GenerationEngine(checkpoint: checkpoint, threads: 1)
    var request = GenerationRequest(messages: [Self.questions[0]], temperature: 0, maxTokens: 3)
    let short = try await engine.generate(request)
    #expect(short.completionTokens == 3)
    #expect(short.finishReason == .length)
    #expect(try short.promptTokens == checkpoint.promptTokens(for: request.messages).count)
    request.maxTokens = nil
    let long = try await engine.generate(request)
    #expect(long.text.utf8.starts(with: short.text.utf8))
    #expect(long.promptTokens + long.completionTokens <= 40)
    request.maxTokens = 1000
    #expect(try await engine.generate(request) == long)
  }

  @Test func stopTextsCutAnswers() async throws {
    let engine = GenerationEngine(checkpoint: try Fixtures.lively(), threads: 1)
    var request = GenerationRequest(messages: [Self.questions[1]], temperature: 0, maxTokens: 30)
    let whole = Array(try await engine.generate(request).text.unicodeScalars)
    try #require(whole.count > 6)
    let stop = String(String.UnicodeScalarView(whole[3..<5]))
    request.stop = ["never to be found anywhere", stop]
    let cut = try await engine.generate(request)
    #expect(cut.finishReason == .stop)
    #expect(!cut.text.contains(stop))
    #expect(String(String.UnicodeScalarView(whole)).hasPrefix(cut.text + stop))
  }

  @Test func promptsBeyondTheContextAreRefused() async throws {
    let checkpoint = try Fixtures.checkpoint(context: 24)
    let engine = GenerationEngine(checkpoint: checkpoint, threads: 1)
    let messages = [ChatMessage(.user, String(repeating: "7", count: 50))]
    let tokens = try checkpoint.promptTokens(for: messages).count
    await #expect(throws: GenerationError.promptTooLong(tokens: tokens, context: 24)) {
      try await engine.generate(GenerationRequest(messages: messages))
    }
  }

  @Test(arguments: [
    (GenerationRequest(messages: []), "messages"),
    (GenerationRequest(messages: questions, temperature: -1), "temperature"),
    (GenerationRequest(messages: questions, temperature: .nan), "temperature"),
    (GenerationRequest(messages: questions, topP: 0), "top_p"),
    (GenerationRequest(messages: questions, topK: -1), "top_k"),
    (GenerationRequest(messages: questions, maxTokens: 0), "max_tokens"),
    (GenerationRequest(messages: questions, stop: [""]), "stop"),
  ]) func badParametersAreNamed(request: GenerationRequest, name: String) async throws {
    let engine = GenerationEngine(checkpoint: try Fixtures.checkpoint(), threads: 1)
    let error = await #expect(throws: GenerationError.self) { try await engine.generate(request) }
    guard case .invalidParameter(name, _) = error else {
      Issue.record("expected '\(name)' to be named, found \(String(describing: error))")
      return
    }
  }

  @Test func cancelledTasksGetNoAnswer() async throws {
    let engine = GenerationEngine(checkpoint: try Fixtures.lively(context: 2000), threads: 1)
    let task = Task {
      try await engine.generate(GenerationRequest(messages: [Self.questions[0]], stop: ["\u{0}"]))
    }
    task.cancel()
    await #expect(throws: GenerationError.cancelled) { try await task.value }
    let next = GenerationRequest(messages: [Self.questions[0]], maxTokens: 1)
    #expect(try await engine.generate(next).completionTokens == 1)
  }

  @Test func equalScoresGoToTheLowestToken() async throws {
    let checkpoint = try Fixtures.checkpoint()
    var parameters = checkpoint.parameters
    for index in checkpoint.layout.finalNorm..<checkpoint.layout.count { parameters[index] = 0 }
    let flat = checkpoint.replacing(parameters: parameters)
    let engine = GenerationEngine(checkpoint: flat, threads: 1)
    let request = GenerationRequest(
      messages: [Self.questions[0]],
      temperature: 0,
      maxTokens: 2
    )
    #expect(try await engine.generate(request).text == "\u{0}\u{0}")
  }

  @Test func overflowingWeightsGiveAnErrorInsteadOfText() async throws {
    let checkpoint = try Fixtures.checkpoint()
    var parameters = checkpoint.parameters
    for index in checkpoint.layout.finalNorm..<checkpoint.layout.count {
      parameters[index] = .greatestFiniteMagnitude
    }
    let huge = checkpoint.replacing(parameters: parameters)
    let engine = GenerationEngine(checkpoint: huge, threads: 1)
    await #expect(throws: GenerationError.scoresNotFinite) {
      try await engine.generate(GenerationRequest(messages: [Self.questions[0]]))
    }
  }
}
