import Primitives
import TestSupport
import Testing
import TollRig

/// What a run spends is kept within its limits, and said.
@Suite("Budgets")
struct BudgetTests {
  @Test("a budget pauses the run, whatever is typed again, until it is raised")
  func pauses() throws {
    let model = try PaidModel(rows: 30)
    try model.write("budget: 1 USD")
    let limit = Money(usd: 1)
    let first = try model.run()
    #expect(first.status == 4, "\(first.error)")
    #expect(
      first.error.contains("answers: paused: the budget of 'paid' is used up:"),
      "\(first.error)"
    )
    #expect(first.error.contains("hint: raise 'budget' and run again"), "\(first.error)")
    #expect(first.error.contains("budget of 'paid': "), "\(first.error)")
    #expect(first.error.contains(", of 1.00 USD"), "\(first.error)")
    #expect(first.error.contains("after that, go on with: distill run w.yaml"), "\(first.error)")
    let requests = try model.requests
    #expect(requests > 0 && requests < 30)
    #expect(try model.charged <= limit)

    // What is left does not hold another worst case, so nothing is sent.
    let again = try model.run()
    #expect(again.status == 4, "\(again.error)")
    #expect(try model.requests == requests)

    try model.write("budget: 50 USD")
    let last = try model.run("--json")
    #expect(last.status == 0, "\(last.error)")
    #expect(try model.requests == 30)
    #expect(last.calls("made") == 30 - requests)
    let budget = try #require(last.summary["budgets"]?.array?.first)
    #expect(budget["account"] == "paid")
    #expect(budget["limit_usd"]?.number == 50)
    #expect(budget["spent_usd"]?.number == (try model.charged).usd)
    #expect(budget["reserved_usd"]?.number == 0)
    let runs = try model.distill("runs", "--json").summary["runs"]?.array ?? []
    let spent = runs.compactMap { $0["money"]?["spent_usd"]?.number }
    #expect(spent.count == 3)
    #expect(spent[1] == 0)
    #expect(Money(usd: spent.reduce(0, +)) == (try model.charged))
  }

  @Test("--max-cost limits one run, and the next begins anew")
  func maxCost() throws {
    let model = try PaidModel(rows: 60)
    try model.write()
    let first = try model.run("--max-cost", "1")
    #expect(first.status == 4, "\(first.error)")
    #expect(first.error.contains("the limit of this run is used up"), "\(first.error)")
    #expect(first.error.contains("higher --max-cost"), "\(first.error)")
    #expect(first.error.contains("--max-cost: "), "\(first.error)")
    let once = try model.charged
    #expect(once > .zero && once <= Money(usd: 1))
    let second = try model.run("--max-cost", "1 USD")
    #expect(second.status == 4, "\(second.error)")
    let twice = try model.charged
    #expect(twice > once && twice - once <= Money(usd: 1))
    #expect(try model.run().status == 0)
    #expect(try model.requests == 60)
  }

  @Test("both limits hold at once")
  func both() throws {
    let model = try PaidModel(rows: 30)
    try model.write("budget: 1 USD")
    let result = try model.run("--max-cost", "40", "--json")
    #expect(result.status == 4, "\(result.error)")
    #expect(try model.charged <= Money(usd: 1))
    let accounts = result.summary["budgets"]?.array?.compactMap { $0["account"]?.string } ?? []
    #expect(accounts.first == "paid")
    #expect(accounts.last?.hasPrefix("run:") == true)
  }

  @Test("a limit without a price is refused before anything is sent")
  func withoutPrice() throws {
    let model = try PaidModel()
    try model.write(price: nil)
    let result = try model.run("--max-cost", "5")
    #expect(result.status == 2)
    #expect(
      result.error.contains(
        "error: model 'teacher' has no 'price.input' and no 'price.output', so its calls cannot be "
          + "kept within '--max-cost'"
      ),
      "\(result.error)"
    )
    #expect(result.error.contains("hint: add 'price: {input: …, output: …}'"), "\(result.error)")
    try model.write("budget: 5 USD", price: nil)
    #expect(try model.run().status == 2)
    #expect(try model.requests == 0)
  }

  @Test(
    "amounts that are none are refused",
    arguments: ["0", "-1", "much", "nan", "5 EUR", "1e400"]
  )
  func wrongAmount(text: String) throws {
    let model = try PaidModel()
    try model.write()
    #expect(try model.run("--max-cost=\(text)").status == 2)
    #expect(try model.requests == 0)
  }

  @Test(
    "a service that has no quota, or wants a long wait, pauses the run",
    arguments: [
      ("quota", "has no quota left"), ("rate-limit-long", "and asks to wait 3 h, until 2"),
    ]
  )
  func services(fault: String, message: String) throws {
    let model = try PaidModel(
      rows: 12,
      "--faults",
      #"{"chat": {"calls": {"6": "\#(fault)"}}}"#
    )
    try model.write(concurrency: 1)
    let result = try model.run()
    #expect(result.status == 4, "\(result.error)")
    #expect(result.error.contains("answers: paused: "), "\(result.error)")
    #expect(result.error.contains(message), "\(result.error)")
    #expect(result.error.contains(" 1 paused, 5 calls made"), "\(result.error)")
    #expect(result.error.contains("spent: \(try model.charged)"), "\(result.error)")
    #expect(result.error.contains("go on with: distill run w.yaml"), "\(result.error)")
    // Until the moment that it named nobody asks the service, another process neither.
    guard fault == "quota" else { return }
    #expect(try model.run().status == 0)
    #expect(try model.toll.ledger.charges().count == 12)
  }

  @Test("what is unknown is said to be, and never zero")
  func unknown() throws {
    let model = try PaidModel()
    try model.write(price: nil)
    let result = try model.run()
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("spent: unknown for 5 calls"), "\(result.error)")
    #expect(result.error.contains("answers: ran"), "\(result.error)")
    #expect(result.error.contains("cost unknown"), "\(result.error)")
    let runs = try model.distill("runs")
    #expect(runs.output.contains("unknown for 5 calls"), "\(runs.output)")
    let status = try model.distill("status")
    #expect(status.output.contains("unknown for 5 calls"), "\(status.output)")
    let json = try model.distill("status", "--json").summary
    #expect(json["workflow_money"]?["unpriced"]?.int == 5)
  }

  @Test("a free model needs no price and leaves every budget alone")
  func free() throws {
    let model = try PaidModel()
    try model.write("budget: 0.01 USD", price: "{input: 0, output: 0}")
    let result = try model.run()
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("spent: 0.00 USD"), "\(result.error)")
    #expect(try model.requests == 5)
  }

  @Test("what answers had cost that are there already is told as saved")
  func saved() throws {
    let model = try PaidModel()
    try model.write()
    let first = try model.run()
    #expect(first.error.contains("spent: \(try model.charged)"), "\(first.error)")
    #expect(!first.error.contains("saved"), "\(first.error)")
    try model.folder.write(Arithmetic.rows(0..<7), to: "rows.jsonl")
    let charged = try model.charged
    let second = try model.run()
    #expect(second.status == 0)
    #expect(second.error.contains(", saved: \(charged)"), "\(second.error)")
    #expect(second.error.contains("2 calls made, 5 reused"), "\(second.error)")
    #expect(try model.requests == 7)
    let third = try model.run("--json")
    #expect(third.summary["cost_usd"]?.number == 0)
    #expect(third.summary["saved_usd"]?.number ?? 0 > 0)
  }

  @Test("bad answers are counted by state")
  func badAnswers() throws {
    let model = try PaidModel(
      rows: 8,
      "--faults",
      #"{"chat": {"calls": {"2": "refusal", "3": "content-filter", "5": "refusal"}}}"#
    )
    try model.write()
    let result = try model.run()
    #expect(result.status == 0, "\(result.error)")
    #expect(
      result.error.contains("bad answers, kept and out of training: 2 refused, 1 filtered"),
      "\(result.error)"
    )
    // They are reused like the others, and told again.
    let again = try model.run("--json")
    #expect(again.summary["bad_answers"] == ["filtered": 1, "refused": 2])
    #expect(try model.requests == 8)
  }
}
