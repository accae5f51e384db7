import Foundation
import Primitives
import TestSupport
import Testing

/// What `distill plan` says of tokens and money, and what a pilot adds.
@Suite("Plan")
struct PlanTests {
  private func plan(_ model: PaidModel, _ arguments: String...) throws -> JSON {
    let result = try Distill.run(["plan", "w.yaml", "--json"] + arguments, in: model.folder.path)
    #expect(result.status == 0, "\(result.error)")
    return result.summary
  }

  @Test("gives tokens and money from low to high, and sends nothing")
  func ranges() throws {
    let model = try PaidModel(rows: 10)
    try model.write("budget: 5 USD")
    let text = try model.distill("plan", "w.yaml")
    #expect(text.status == 0, "\(text.error)")
    #expect(text.output.contains("10 calls to make, 0 paid already"), "\(text.output)")
    #expect(text.output.contains(" tokens in, 10–500 out; "), "\(text.output)")
    #expect(text.output.contains("budget of 'paid': 0.00 USD spent, of 5.00 USD"), "\(text.output)")
    let json = try plan(model)
    let cost = json["cost_usd"]
    let low = try #require(cost?["low"]?.number)
    let high = try #require(cost?["high"]?.number)
    #expect(low > 0 && low < high)
    #expect(try model.requests == 0)

    // The truth lies between.
    #expect(try model.run().status == 0)
    let charged = try model.charged.usd
    #expect(charged <= high)
    #expect(charged >= low)
  }

  @Test("knows what is paid already, and what that had cost")
  func paid() throws {
    let model = try PaidModel(rows: 4)
    try model.write()
    _ = try model.run()
    try model.folder.write(Arithmetic.rows(0..<6), to: "rows.jsonl")
    let text = try model.distill("plan", "w.yaml")
    #expect(
      text.output.contains("2 calls to make, 4 paid already (\(try model.charged))"),
      "\(text.output)"
    )
    let calls = try plan(model)["calls"]
    #expect(calls?["to_make"] == 2)
    #expect(calls?["paid"] == 4)
    #expect(calls?["paid_usd"]?.number == (try model.charged).usd)
  }

  @Test("says unknown where there is no price")
  func unknown() throws {
    let model = try PaidModel()
    try model.write(price: "{input: 1, as_of: 2024-12-31}")
    #expect(try model.distill("plan", "w.yaml").output.contains("cost unknown"))
    #expect(try plan(model)["cost_usd"] == .null)
  }

  @Test("warns that the budget may not do")
  func tooLittle() throws {
    let model = try PaidModel(rows: 30)
    try model.write("budget: 0.5 USD")
    let text = try model.distill("plan", "w.yaml")
    #expect(
      text.output.contains("at worst the calls known cost more than the 0.50 USD left"),
      "\(text.output)"
    )
  }

  @Test("asks a sample, keeps the answers, and tells what the rest will cost")
  func sample() throws {
    let model = try PaidModel(rows: 40)
    try model.write("budget: 90 USD")
    let result = try model.distill("plan", "w.yaml", "--sample", "10")
    #expect(result.status == 0, "\(result.error)")
    #expect(try model.requests == 10)
    #expect(result.output.contains("pilot of answers: 10 calls asked, 10 now"), "\(result.output)")
    #expect(result.output.contains("30 calls left, which will take"), "\(result.output)")
    #expect(result.output.contains("(95 %)"), "\(result.output)")
    let pilotCost = try model.charged

    // A second pilot of as many rows costs nothing, and the estimate is the same.
    let pilot = try #require(try plan(model, "--sample", "10")["pilot"]?.array?.first)
    #expect(try model.requests == 10)
    #expect(pilot["made"] == 0)
    #expect(pilot["asked"] == 10)
    #expect(pilot["cost_usd"]?.number == pilotCost.usd)
    let low = try #require(pilot["cost_left_usd"]?["low"]?.number)
    let high = try #require(pilot["cost_left_usd"]?["high"]?.number)
    #expect(low > 0 && low <= high)

    let run = try model.run("--json")
    #expect(run.status == 0, "\(run.error)")
    #expect(run.calls("made") == 30)
    #expect(run.calls("reused") == 10)
    #expect(try model.requests == 40)
    let rest = (try model.charged - pilotCost).usd
    #expect(rest >= low * 0.8 && rest <= high * 1.2, "\(low) … \(high), in truth \(rest)")
  }

  @Test("keeps a sample within the budget")
  func sampleBudget() throws {
    let model = try PaidModel(rows: 40)
    try model.write("budget: 0.5 USD")
    let result = try model.distill("plan", "w.yaml", "--sample", "30")
    #expect(result.status == 4, "\(result.error)")
    #expect(result.error.contains("paused: the budget of 'paid' is used up"), "\(result.error)")
    #expect(try model.charged <= Money(usd: 0.5))
  }

  @Test("Ctrl-C ends a pilot in order: what is in flight is kept")
  func stoppedPilot() throws {
    let model = try PaidModel(rows: 40, "--latency", "100")
    try model.write(concurrency: 2)
    let (process, outputs) = try Distill.start(
      ["plan", "w.yaml", "--sample", "40"],
      in: model.folder.path
    )
    while process.isRunning, try model.requests < 4 { usleep(5_000) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let error = try outputs.read("err")
    #expect(error.contains("goes on from here: distill plan w.yaml --sample 40"), "\(error)")
    let sent = try model.requests
    #expect(sent < 40)
    let calls = try model.distill("calls", "--json", "--limit", "0").summary["calls"]?.array ?? []
    #expect(calls.count { $0["state"] == "answered" } == sent)
    #expect(try model.run().status == 0)
    #expect(try model.requests == 40)
  }

  @Test(arguments: ["0", "-3", "many"])
  func wrongSample(rows: String) throws {
    let model = try PaidModel()
    try model.write()
    #expect(try model.distill("plan", "w.yaml", "--sample=\(rows)").status == 2)
    #expect(try model.requests == 0)
  }
}
