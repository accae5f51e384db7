import Primitives
import Tasks
import Testing

@Suite struct MetricTests {
  private func row(
    _ state: RowResult.State,
    words: Int = 1,
    prompt: Int? = nil,
    completion: Int? = nil,
    agrees: Bool? = nil
  ) -> RowResult {
    RowResult(
      id: "1",
      state: state,
      expected: "1",
      got: state == .invalid ? nil : "1",
      words: words,
      promptTokens: prompt,
      completionTokens: completion,
      agreesWithOther: agrees
    )
  }

  private func summary(_ metric: any Metric, _ rows: [RowResult]) -> MetricSummary {
    var metric = metric
    for row in rows { metric.add(row) }
    return metric.result()
  }

  @Test func accuracyHasBothDenominators() throws {
    let rows =
      Array(repeating: row(.correct), count: 60) + Array(repeating: row(.wrong), count: 20)
      + Array(repeating: row(.invalid), count: 20) + [row(.unlabelled)]
    let summary = summary(Accuracy(), rows)
    #expect(summary.n == 100)
    #expect(summary.invalid == 20)
    #expect(summary["all"]?.value == 0.6)
    #expect(summary["parsed"]?.value == 0.75)
    // The binomial distribution's own 95 % bounds are 0.50 and 0.70 (scipy.stats.binom).
    let all = try #require(summary["all"])
    #expect(abs(all.low - 0.50) <= 0.02)
    #expect(abs(all.high - 0.70) <= 0.02)
  }

  /// A changed figure under an unchanged version would change results unseen.
  @Test func intervalsArePinned() throws {
    #expect(Accuracy.version == 1)
    let rows = (0..<37).map { row($0 % 3 == 0 ? .wrong : $0 % 11 == 0 ? .invalid : .correct) }
    #expect(summary(Accuracy(), rows).json.canonicalText == Self.pinned)
  }

  private static let pinned =
    #"{"figures":{"all":{"high":0.7297297297297297,"low":0.43243243243243246,"#
    + #""value":0.5945945945945946},"parsed":{"high":0.7777777777777778,"low":0.47058823529411764,"#
    + #""value":0.6285714285714286}},"invalid":2,"n":37,"name":"accuracy"}"#

  @Test func withoutRowsThereAreNoFigures() {
    #expect(summary(Accuracy(), []).figures.isEmpty)
    #expect(summary(Accuracy(), [row(.invalid)])["parsed"] == nil)
    #expect(summary(Accuracy(), [row(.invalid)])["all"]?.value == 0)
  }

  @Test func wordsTokensAndCost() throws {
    let rows = [
      row(.correct, words: 10, prompt: 100, completion: 50),
      row(.wrong, words: 20, prompt: 300, completion: 150), row(.wrong, words: 30),
    ]
    #expect(summary(WordCount(), rows)["mean"]?.value == 20)
    let tokens = summary(Tokens(), rows)
    #expect(tokens["prompt"]?.value == 200)
    #expect(tokens["completion"]?.value == 100)
    #expect(tokens.n == 3)
    #expect(tokens.invalid == 1)
    // 200 tokens in at 5 USD and 100 out at 15 USD a million: 0.0025 USD a row.
    let cost = summary(Cost(price: Price(input: 5, output: 15)), rows)
    #expect(abs(try #require(cost["per_thousand"]).value - 2.5) < 1e-12)
    // An unknown price is unknown, never zero.
    #expect(summary(Cost(price: nil), rows).figures.isEmpty)
    #expect(summary(Tokens(), [row(.correct)]).figures.isEmpty)
  }

  @Test func agreementCountsRowsThatTheOtherAnswered() {
    let rows = [row(.correct, agrees: true), row(.wrong, agrees: false), row(.correct)]
    let summary = summary(Agreement(), rows)
    #expect(summary.n == 2)
    #expect(summary["all"]?.value == 0.5)
  }

  @Test func rowsAreJudgedByTheReading() throws {
    let reading = try Reading(as: "number")
    func judge(_ label: String?, _ answer: String?) -> RowResult {
      RowResult.judge(
        Record(id: "1", fields: JSONObject(), label: label),
        answer: answer,
        text: "two words",
        promptTokens: 3,
        completionTokens: nil,
        reading: reading
      )
    }
    #expect(judge("65,960", "65960").state == .correct)
    #expect(judge("5", "6").state == .wrong)
    #expect(judge("5", nil).state == .invalid)
    #expect(judge(nil, "5").state == .unlabelled)
    #expect(judge("5.0", "5").expected == "5")
    #expect(judge("5", "5").words == 2)
    let row = judge("5", nil)
    #expect(RowResult(json: row.json) == row)
  }

  @Test func summariesComeBackFromTheirJSON() {
    let summary = summary(Accuracy(), [row(.correct), row(.wrong)])
    #expect(MetricSummary(json: summary.json) == summary)
    #expect(MetricSummary(json: ["name": "x"]) == nil)
  }

  @Test func metricsAreSortedAndNamedOnce() throws {
    #expect(Metrics.names == Metrics.names.sorted())
    #expect(
      Metrics.names == ["accuracy", "agreement", "cost", "entity_density", "tokens", "words"]
    )
    #expect(try Metrics.make(["words", "accuracy"]).count == 2)
    #expect(problems { _ = try Metrics.make(["acuracy"]) } == ["unknown metric 'acuracy'"])
  }
}
