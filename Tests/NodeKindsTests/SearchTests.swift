import Execution
import ModelService
import NodeKinds
import Primitives
import Testing
import Workflow

/// Random search, and other goals than accuracy.
@Suite struct SearchTests {
  private static let rows: [JSON] = [
    ["id": "a", "question": "3 + 4?", "label": "7"],
    ["id": "b", "question": "5 + 4?", "label": "9"],
  ]

  /// Right about the first row alone, in words that grow with the question asked.
  private static let wit: TalkingModel.Wit = { messages in
    TalkingModel.Reply(text: messages.last?.contains("3 + 4") ?? false ? "7" : "I think 8")
  }

  private func tune(_ model: TalkingModel, _ settings: String) async throws -> Made {
    let parts = try Recipe.vanilla
    let template = try await model.kitchen.artifact(
      .template,
      [(Part.prompt, parts.prompt), (Part.target, parts.target), (Part.reading, parts.reading)]
    )
    return try await model.run(
      model.inputs(
        "{kind: tune, model: teacher, template: own, data: rows, \(settings)}",
        [
          ("template", template), ("data", try await model.kitchen.rows(.dataset, Self.rows)),
        ]
      )
    )
  }

  private static let ranges = "random: {temperature: [0.1, 1.5], top_p: [0.5, 1], max_tokens: 16}"

  private func decodings(_ made: Made) async throws -> [JSON?] {
    try await made.lines(Part.trials).map { $0["decoding"] }
  }

  @Test func moreTrialsKeepTheEarlierOnes() async throws {
    let model = try await TalkingModel(Self.wit)
    let few = try await tune(model, "\(Self.ranges), trials: 3, seed: 7")
    #expect(model.asked.count == 6)
    let more = try await tune(model, "\(Self.ranges), trials: 5, seed: 7")
    #expect(try await decodings(more).prefix(3).elementsEqual(decodings(few)))
    #expect(model.asked.count == 10)
    #expect(more.outcome.facts["made"] == 4)
    #expect(more.outcome.facts["reused"] == 6)
  }

  @Test func pointsLieInTheirRangesAndAValueStandsFast() async throws {
    let model = try await TalkingModel(Self.wit)
    let made = try await tune(model, "\(Self.ranges), trials: 12")
    let decodings = try await decodings(made).compactMap(\.self)
    #expect(decodings.count == 12)
    let temperatures = decodings.compactMap { $0["temperature"]?.number }
    #expect(temperatures.allSatisfy { (0.1...1.5).contains($0) })
    #expect(Set(temperatures).count > 6)
    // Three decimals: what is sent is what is written down.
    #expect(temperatures.allSatisfy { ($0 * 1000).rounded() / 1000 == $0 })
    #expect(decodings.allSatisfy { (0.5...1).contains($0["top_p"]?.number ?? 0) })
    #expect(decodings.allSatisfy { $0["max_tokens"] == 16 })
  }

  @Test func anotherSeedDrawsOtherPointsAndAFurtherParameterLeavesThem() async throws {
    let model = try await TalkingModel(Self.wit)
    let one = try await decodings(tune(model, "random: {temperature: [0.1, 1.5]}, trials: 3"))
    let other = try await decodings(
      tune(model, "random: {temperature: [0.1, 1.5]}, trials: 3, seed: 1")
    )
    let wider = try await decodings(
      tune(model, "random: {temperature: [0.1, 1.5], top_k: [5, 50]}, trials: 3")
    )
    #expect(one.map { $0?["temperature"] } != other.map { $0?["temperature"] })
    #expect(one.map { $0?["temperature"] } == wider.map { $0?["temperature"] })
    #expect(wider.allSatisfy { (5...50).contains($0?["top_k"]?.int ?? 0) })
  }

  @Test func theTrialsTableHasTheFigureWithItsInterval() async throws {
    let model = try await TalkingModel(Self.wit)
    let made = try await tune(model, "grid: {temperature: [0.2, 0.4]}")
    let trials = try await made.lines(Part.trials)
    #expect(trials.map { $0["metric"] } == ["accuracy.all", "accuracy.all"])
    #expect(trials.map { $0["value"] } == [0.5, 0.5])
    #expect(trials.map { $0["low"] } == [0.0, 0.0])
    #expect(trials.map { $0["high"] } == [1.0, 1.0])
    #expect(trials.map { $0["chosen"] } == [true, false])
    #expect(made.outcome.facts["chosen_template"] == "template")
    #expect(made.outcome.facts["direction"] == "highest")
    #expect(
      made.outcome.notes.contains(
        "the choice is not certain: the intervals of 1 other trial of 2 overlap that of the best"
      )
    )
  }

  /// Shorter answers at one temperature, wherever they lead.
  @Test(arguments: [("lowest", 1.0), ("highest", 5.0)])
  func lengthsAreAGoalInEitherDirection(_ direction: String, _ words: Double) async throws {
    let teacher = try await RecordedTeacher()
    for (temperature, text) in [(0.3, "one two three four five"), (0.6, "one")] {
      for row in RecordedTeacher.rows {
        try await teacher.record(
          row["question"]?.string ?? "",
          RecordedTeacher.decoding(temperature),
          Answer(.answered, text: text, finishReason: "stop")
        )
      }
    }
    let made = try await teacher.run(
      "{kind: tune, model: teacher, template: math/vanilla, data: rows, "
        + "grid: {temperature: [0.3, 0.6]}, metric: words, direction: \(direction)}"
    )
    #expect(made.outcome.facts["words.mean"] == .number(words))
    #expect(
      try await made.json(Part.chosen)["temperature"] == .number(direction == "lowest" ? 0.6 : 0.3)
    )
  }

  @Test func theCheapestIsBestByCost() async throws {
    let model = try await TalkingModel(Self.wit)
    let made = try await tune(
      model,
      "grid: {temperature: [0.2, 0.4]}, metric: cost, price: {input: 100, output: 200}"
    )
    // Ten tokens in and three out a row: 1,000 µUSD and 600 µUSD.
    #expect(made.outcome.facts["cost.per_thousand"] == 1.6)
    #expect(made.outcome.facts["direction"] == "lowest")
  }

  @Test(
    arguments: [
      ("", "'node' has neither 'grid' nor 'random', so there is nothing to try"),
      (
        ", grid: {temperature: 0}, random: {temperature: [0, 1]}, trials: 2",
        "'node' has both 'grid' and 'random'; a search is one of them"
      ),
      (
        ", grid: {temperature: 0}, trials: 2",
        "'trials' says how many points 'random' draws, but 'node' tries a grid"
      ),
      (", random: {temperature: [0, 1]}", "'random' needs 'trials', the number of points to draw"),
      (
        ", random: {temperature: [1, 0]}, trials: 2",
        "'random.temperature' is [1.0,0.0], which is no range"
      ),
      (
        ", random: {top_p: [0.1, 0.5, 0.9]}, trials: 2",
        "'random.top_p' is [0.1,0.5,0.9], which is no range"
      ),
      (
        ", grid: {temperature: 0}, metric: words",
        "whether more or less of 'words' is better is not known by itself"
      ),
      (
        ", random: {temperature: [0, 1]}, trials: 2, samples: 3",
        "'samples: 3' with temperature 0 in the range would draw the same answer 3 times"
      ),
      (
        ", grid: {temperature: 0}, metric: agreement",
        "the metric 'agreement' needs 'agreement_with', the labels to compare with"
      ),
      (
        ", grid: {temperature: 0}, document: text",
        "'document' is for the metric 'entity_density', which 'node' does not compute"
      ),
    ])
  func aSearchThatCannotBeIsRefused(_ settings: String, _ message: String) {
    let problems = Kitchen.problems(
      "{kind: tune, model: teacher, template: math/cot, data: rows\(settings)}"
    )
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix(message) == true, "\(problems)")
  }
}
