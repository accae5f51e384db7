import Testing
import TinyLlama

/// The fast paths beside the plain one.
struct ReferenceTests {
  @Test func trainingComputesTheModel() throws {
    let checkpoint = try Fixtures.lively()
    let reference = ReferenceModel(checkpoint: checkpoint)
    for chat in Fixtures.chats {
      let sequence = try checkpoint.trainingSequence(for: chat)
      let loss = Trainer(checkpoint, threads: 1).loss([sequence])
      #expect(abs(loss - reference.loss(sequence)) < 1e-4)
    }
  }

  @Test func decodingComputesTheModel() async throws {
    let checkpoint = try Fixtures.lively()
    let engine = GenerationEngine(checkpoint: checkpoint, threads: 1)
    let reference = ReferenceModel(checkpoint: checkpoint)
    for chat in Fixtures.chats {
      let answer = try await engine.generate(
        GenerationRequest(messages: chat, temperature: 0, maxTokens: 8)
      )
      let tokens = try reference.answer(to: checkpoint.promptTokens(for: chat), limit: 8)
      #expect(answer.text == checkpoint.tokenizer.decode(tokens))
      #expect(answer.completionTokens == tokens.count)
    }
  }

  @Test func ratesRiseAndFall() {
    let schedule = LearningRateSchedule(peak: 2, totalSteps: 100)
    let rates = (0..<100).map { schedule.rate(at: $0) }
    #expect(schedule.warmUpSteps == 5)
    #expect(rates[0] == 0.4)
    #expect(rates[4] == 2)
    #expect(rates[5] == 2)
    #expect(zip(rates[5...], rates[6...]).allSatisfy { $0 > $1 })
    #expect(rates[99] > 0 && rates[99] < 0.01)
    #expect(LearningRateSchedule(peak: 2, totalSteps: 1).rate(at: 0) == 2)
  }
}
