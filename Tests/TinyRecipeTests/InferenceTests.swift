import Primitives
import Testing
import tiny_recipe

/// The labels of the inferences, held against worlds in which the sentences are true or false.
///
/// The generator finds a label by the rules of monotonicity; here nothing is known of those rules.
@Suite("Inferences")
struct InferenceTests {
  /// What some worlds say of a pair of sentences.
  private struct Verdict {
    /// Whether there was a world where the premise is true and the hypothesis false.
    var isRefuted = false
    /// Whether there was a world where both are true.
    var isPossible = false

    var label: String {
      if !isRefuted { return "entailment" }
      return isPossible ? "neutral" : "contradiction"
    }
  }

  /// Looks at some worlds in which the premise is true, or fewer if both kinds are found before.
  private func verdict(_ row: Row, worlds: Int) throws -> Verdict {
    let premise = try #require(SentenceParser.sentence(try row.text("premise")))
    let hypothesis = try #require(SentenceParser.sentence(try row.text("hypothesis")))
    var random = SeededGenerator(seed: 1, label: row.id)
    var verdict = Verdict()
    var count = 0
    for _ in 0..<40_000 where count < worlds {
      let world = World(about: [premise, hypothesis], &random)
      guard world.satisfies(premise) else { continue }
      count += 1
      if world.satisfies(hypothesis) {
        verdict.isPossible = true
      } else {
        verdict.isRefuted = true
      }
      if verdict.isPossible, verdict.isRefuted { break }
    }
    return verdict
  }

  /// A pair that settles nothing shows it sooner or later: the search goes on until it does.
  ///
  /// Of the
  /// others some hundred worlds are looked at, and each could show that the label is wrong.
  @Test("every label is what holds in all worlds", arguments: Fold.shipped)
  func labels(fold: Fold) throws {
    let rows = try ShippedRows.rows(.monotonicity, fold)
    for row in rows {
      let verdict = try verdict(row, worlds: row.label == "neutral" ? 40_000 : 100)
      #expect(verdict.label == row.label, "\(fold) \(row.id): \(row.fields)")
    }
  }

  @Test("every sentence reads back from its text")
  func sentences() throws {
    for row in try ShippedRows.rows(.monotonicity, .test) {
      for field in ["premise", "hypothesis"] {
        let text = try row.text(field)
        #expect(SentenceParser.sentence(text)?.text == text)
      }
    }
  }
}
