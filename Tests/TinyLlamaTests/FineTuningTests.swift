import Synchronization
import Testing
import TinyLlama

/// Training: what it learns, what it repeats, what it refuses.
struct FineTuningTests {
  private static let options = FineTuneOptions(
    epochs: 80,
    batchSize: 2,
    learningRate: 5e-3,
    seed: 3,
    threads: 1
  )

  @Test func aTinyModelLearnsItsExamplesByHeart() async throws {
    let checkpoint = try Fixtures.checkpoint()
    let result = try await checkpoint.fineTuned(
      on: Fixtures.examples(),
      options: Self.options
    )
    #expect(result.curve.count == 160)
    #expect(try #require(result.curve.last).trainingLoss < 0.05)
    let engine = GenerationEngine(checkpoint: result.checkpoint, threads: 1)
    for chat in Fixtures.chats {
      let answer = try await engine.generate(
        GenerationRequest(messages: Array(chat.dropLast()), temperature: 0)
      )
      #expect(answer.text == chat.last?.content)
      #expect(answer.finishReason == .stop)
    }
  }

  @Test func threadsDoNotChangeTheResult() async throws {
    let checkpoint = try Fixtures.checkpoint()
    var options = Self.options
    options.epochs = 3
    let one = try await checkpoint.fineTuned(on: Fixtures.examples(), options: options)
    options.threads = 2
    let two = try await checkpoint.fineTuned(on: Fixtures.examples(), options: options)
    #expect(one.checkpoint.digest == two.checkpoint.digest)
    #expect(one.checkpoint.digest != checkpoint.digest)
    options.seed = 4
    let other = try await checkpoint.fineTuned(on: Fixtures.examples(), options: options)
    #expect(other.checkpoint.digest != one.checkpoint.digest)
  }

  @Test func progressCountsStepsEpochsAndTokens() async throws {
    let checkpoint = try Fixtures.checkpoint()
    let seen = Mutex<[FineTuneProgress]>([])
    let result = try await checkpoint.fineTuned(
      on: Fixtures.examples(),
      validation: [Fixtures.examples()[0]],
      options: FineTuneOptions(epochs: 2, batchSize: 2, learningRate: 1e-3, threads: 1)
    ) { point in seen.withLock { $0.append(point) } }
    #expect(seen.withLock { $0 } == result.curve)
    #expect(result.curve.map(\.step) == [1, 2, 3, 4])
    #expect(result.curve.map(\.epoch) == [1, 1, 2, 2])
    #expect(result.curve.map { $0.validationLoss != nil } == [false, true, false, true])
    #expect(result.curve.allSatisfy { $0.totalSteps == 4 })
    let tokens = try Fixtures.chats.reduce(0) {
      try $0 + checkpoint.trainingSequence(for: $1).tokens.count
    }
    #expect(result.trainedTokens == 2 * tokens)
    #expect(result.curve.last?.trainedTokens == result.trainedTokens)
  }

  @Test func onlyTheAssistantsTokensAreLearned() throws {
    let checkpoint = try Fixtures.checkpoint()
    let sequence = try checkpoint.trainingSequence(for: Fixtures.chats[2])
    let learned = zip(sequence.tokens, sequence.counts).filter(\.1).map(\.0)
    #expect(checkpoint.tokenizer.decode(learned) == "ballshave")
    #expect(learned.count { $0 == checkpoint.tokenizer.endOfTurn } == 2)
    #expect(sequence.counts.last == true, "what stands behind the last answer teaches nothing")
  }

  @Test func uselessExamplesAreNamed() async throws {
    let checkpoint = try Fixtures.checkpoint(context: 24)
    let fine = TrainingExample(messages: [ChatMessage(.assistant, "3")])
    let silent = TrainingExample(messages: [ChatMessage(.user, "3")])
    let long = TrainingExample(messages: [
      ChatMessage(.assistant, String(repeating: "3", count: 40))
    ])
    func run(_ examples: [TrainingExample], _ options: FineTuneOptions = FineTuneOptions())
      async throws
    {
      _ = try await checkpoint.fineTuned(on: examples, options: options)
    }
    await #expect(throws: TrainingError.noExamples) { try await run([]) }
    await #expect(throws: TrainingError.noCompletionTokens(example: 2)) {
      try await run([fine, silent])
    }
    await #expect(throws: TrainingError.validation(.noCompletionTokens(example: 1))) {
      _ = try await checkpoint.fineTuned(
        on: [fine],
        validation: [silent],
        options: FineTuneOptions()
      )
    }
    let tokens = try checkpoint.trainingSequence(for: long.messages).tokens.count
    await #expect(throws: TrainingError.exampleTooLong(example: 1, tokens: tokens, context: 24)) {
      try await run([long])
    }
    for (name, options) in [
      ("n_epochs", FineTuneOptions(epochs: 0)), ("batch_size", FineTuneOptions(batchSize: 0)),
      ("learning_rate", FineTuneOptions(learningRate: -1)),
    ] {
      let error = await #expect(throws: TrainingError.self) { try await run([fine], options) }
      guard case .invalidOption(name, _) = error else {
        Issue.record("expected '\(name)' to be named")
        continue
      }
    }
  }

  @Test func aLossThatIsNoNumberStopsTheTraining() async throws {
    let checkpoint = try Fixtures.checkpoint()
    let huge = checkpoint.replacing(parameters: checkpoint.parameters.map { $0 * 1e30 })
    await #expect(throws: TrainingError.lossNotFinite(step: 1)) {
      _ = try await huge.fineTuned(on: Fixtures.examples(), options: Self.options)
    }
  }

  @Test func cancellingStopsWithinAStep() async throws {
    let checkpoint = try Fixtures.checkpoint()
    let steps = Mutex(0)
    let task = Task {
      try await checkpoint.fineTuned(
        on: Fixtures.examples(),
        options: FineTuneOptions(epochs: 1000, threads: 1)
      ) { _ in steps.withLock { $0 += 1 } }
    }
    task.cancel()
    await #expect(throws: TrainingError.cancelled) { try await task.value }
    #expect(steps.withLock { $0 } < 1000)
  }

  @Test func linesAreReadStrictly() throws {
    let good = "\u{FEFF}{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\r\n\n"
    #expect(
      try TrainingExample.parse(jsonLines: Array(good.utf8))
        == [TrainingExample(messages: [ChatMessage(.user, "a")])]
    )
    for (line, part) in [
      ("{", "byte 2"), ("[]", "a list"), ("{}", "'messages' is missing"),
      (#"{"messages":[],"weight":1}"#, "'weight'"), (#"{"messages":[]}"#, "empty"),
      (#"{"messages":[{"role":"tool","content":"a"}]}"#, "'tool'"),
      (#"{"messages":[{"role":"user","content":null}]}"#, "null"),
      (#"{"messages":[{"role":"user","content":"a","name":"b"}]}"#, "'name'"),
    ] {
      let error = #expect(throws: TrainingError.self) {
        try TrainingExample.parse(jsonLines: Array("\n\(line)\n".utf8))
      }
      guard case .malformedLine(2, let message) = error else {
        Issue.record("\(line) should be refused by its line")
        continue
      }
      #expect(message.contains(part), "\(line): \(message)")
    }
  }
}
