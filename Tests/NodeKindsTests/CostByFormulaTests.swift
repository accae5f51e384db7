import Execution
import NodeKinds
import Primitives
import Testing
import Workflow

/// Costs by formula, to the cent.
@Suite struct CostByFormulaTests {
  private func cost(_ settings: String) async throws -> Double? {
    let kitchen = try await Kitchen()
    let made = try await kitchen.run("{kind: cost, \(settings)}")
    #expect(made.outcome.facts["cost.per_thousand"] != nil)
    return try await made.json(Part.summary)["metrics"]?["cost"]?["figures"]?["per_thousand"]?[
      "value"
    ]?.number
  }

  /// Worked by hand: tokens times USD per million, for a thousand rows.
  @Test(
    arguments: [
      ("price: {input: 5.33, output: 16}, prompt_tokens: 1000, completion_tokens: 250", 9.33),
      (
        "price: {input: 0.3, output: 0.61}, prompt_tokens: [1000, 150], completion_tokens: 250",
        0.4975
      ),
      ("price: {input: 2.68, output: 3.54}, prompt_tokens: 2000, completion_tokens: 0", 5.36),
      ("price: {input: 1, output: 1}, prompt_tokens: 10, completion_tokens: 10, calls: 5", 0.1),
      ("price: {input: 0, output: 0}, prompt_tokens: 10, completion_tokens: 10", 0),
    ])
  func theFormulaIsExact(_ settings: String, _ usd: Double) async throws {
    let found = try #require(try await cost(settings))
    #expect(abs(found - usd) < 1e-9)
  }

  @Test func itIsShownToTheCentWithoutAnInterval() async throws {
    let kitchen = try await Kitchen()
    let made = try await kitchen.run(
      "{kind: cost, price: {input: 5.33, output: 16}, prompt_tokens: 1060, completion_tokens: 120}"
    )
    let scores = Artifact(type: .scores, parts: made.parts)
    let table = try await kitchen.run("{kind: table, columns: [scores]}", [("columns[0]", scores)])
    #expect(
      try await table.text(Part.markdown) == "| columns[0] |\n".replacing("[0]", with: "\\[0\\]")
        + "| ---: |\n| 7.57 |\n"
    )
  }

  @Test(
    arguments: [
      (
        "{kind: cost, prompt_tokens: 1, completion_tokens: 1}",
        "'node' has neither 'model' nor 'price', so nothing says what a token costs"
      ),
      (
        "{kind: cost, model: teacher, price: {input: 1, output: 1}, prompt_tokens: 1, "
          + "completion_tokens: 1}",
        "'node' has both 'model' and 'price'; one of them says what a token costs"
      ),
    ])
  func oneThingSaysWhatATokenCosts(_ node: String, _ message: String) {
    let problems = Kitchen.problems(node)
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix(message) == true)
  }
}
