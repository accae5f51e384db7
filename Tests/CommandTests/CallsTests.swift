import Primitives
import TestSupport
import Testing

/// `distill calls`: what was asked, what came of it, and what is left in doubt.
@Suite("Calls")
struct CallsTests {
  /// A run of five rows, the second and fourth of which end without an answer though they are charged.
  private static func doubtful(_ top: String = "in_doubt: ask") throws -> PaidModel {
    let model = try PaidModel(
      "--faults",
      #"{"chat": {"calls": {"2": "close-after-charge", "4": "reset-after-charge"}}}"#
    )
    try model.write(top, concurrency: 1)
    return model
  }

  private func calls(_ model: PaidModel, _ arguments: String...) throws -> [JSON] {
    let listed = try Distill.run(["calls", "--json"] + arguments, in: model.folder.path)
    #expect(listed.status == 0, "\(listed.error)")
    return listed.summary["calls"]?.array ?? []
  }

  @Test("those in doubt are asked about, listed first and never sent by themselves")
  func ask() throws {
    let model = try Self.doubtful()
    let result = try model.run()
    #expect(result.status == 1, "\(result.error)")
    #expect(result.error.contains("2 calls in doubt: sent, perhaps paid"), "\(result.error)")
    #expect(result.error.contains("'distill calls settle'"), "\(result.error)")
    #expect(try model.requests == 5)
    #expect(try model.run().status == 1)
    #expect(try model.requests == 5)

    let states = try calls(model).compactMap { $0["state"]?.string }
    #expect(states == ["in-doubt", "in-doubt", "answered", "answered", "answered"])
    let status = try model.distill("status")
    #expect(status.output.contains("2 calls in doubt"), "\(status.output)")
    let list = try model.distill("calls")
    #expect(list.status == 0, "\(list.error)")
    #expect(list.error.contains("toll: 2 in-doubt, 3 answered; "), "\(list.error)")
    let lines = list.output.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines.first?.contains("in-doubt") == true)
    #expect(lines.first?.contains("at most ") == true)
  }

  @Test("settled as resend they are sent once more, by the next run")
  func resend() throws {
    let model = try Self.doubtful()
    _ = try model.run()
    let settled = try model.distill("calls", "settle", "--all", "--as", "resend")
    #expect(settled.status == 0, "\(settled.error)")
    #expect(settled.output.split(separator: "\n").count == 2)
    #expect(try model.requests == 5)
    let second = try model.run("--json")
    #expect(second.status == 0, "\(second.error)")
    #expect(second.calls("made") == 2)
    #expect(try model.requests == 7)
  }

  @Test("settled as skip they are never sent, and their rows have no answer")
  func skip() throws {
    let model = try Self.doubtful()
    _ = try model.run()
    let doubts = try calls(model, "--state", "in-doubt").compactMap { $0["key"]?.string }
    #expect(doubts.count == 2)
    let one = try model.distill("calls", "settle", String(doubts[0].prefix(12)), "--as", "skip")
    #expect(one.status == 0, "\(one.error)")
    #expect(try calls(model, "--state", "in-doubt").count == 1)
    let two = try model.distill("calls", "settle", doubts[1], "--as", "skip", "--json")
    #expect(two.summary["keys"] == .array([.string(doubts[1])]))
    let run = try model.run()
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error.contains("2 skipped"), "\(run.error)")
    #expect(try model.requests == 5)
    #expect(try calls(model, "--state", "skipped").count == 2)
    // What they may have cost stays counted.
    let money = try model.distill("status", "--json").summary["workflow_money"]
    #expect(money?["reserved_usd"]?.number ?? 0 > 0)
  }

  @Test("--in-doubt and the workflow's policy decide without being asked")
  func policies() throws {
    let skipping = try Self.doubtful()
    let skipped = try skipping.run("--in-doubt", "skip")
    #expect(skipped.status == 0, "\(skipped.error)")
    #expect(try skipping.requests == 5)

    let written = try Self.doubtful("in_doubt: skip")
    #expect(try written.run().status == 0)
    #expect(try written.requests == 5)

    let once = try Self.doubtful("")
    #expect(try once.run().status == 0)
    #expect(try once.requests == 7)
  }

  @Test("that take longer than the model's limit in time are in doubt")
  func timeout() throws {
    let model = try PaidModel("--faults", #"{"chat": {"calls": {"2": "stall-before-headers"}}}"#)
    try model.write("in_doubt: skip", concurrency: 1, timeout: "1s")
    let result = try model.run()
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("1 skipped"), "\(result.error)")
    #expect(try model.requests == 5)
  }

  @Test("one is shown with its request, every attempt and the price")
  func show() throws {
    let model = try Self.doubtful("")
    _ = try model.run()
    let all = try calls(model)
    let twice = try #require(all.first { $0["attempts"]?.int == 2 }?["key"]?.string)
    let shown = try model.distill("calls", "show", String(twice.prefix(10)))
    #expect(shown.status == 0, "\(shown.error)")
    #expect(shown.output.contains("call \(twice)"), "\(shown.output)")
    #expect(shown.output.contains("state: answered"), "\(shown.output)")
    #expect(shown.output.contains("How many "), "\(shown.output)")
    #expect(shown.output.contains("attempt 1: lost"), "\(shown.output)")
    #expect(shown.output.contains("attempt 2: answered"), "\(shown.output)")
    #expect(shown.output.contains("revision 1 at http://127.0.0.1"), "\(shown.output)")
    let json = try model.distill("calls", "show", twice, "--json").summary
    #expect(json["request"]?["messages"]?.array?.isEmpty == false)
    #expect(json["attempts"]?.array?.count == 2)
    #expect(json["attempts"]?.array?.last?["answer"]?["text"]?.string?.isEmpty == false)
  }

  @Test("are filtered by run, model, state and number")
  func filters() throws {
    let model = try PaidModel(rows: 6)
    try model.write()
    _ = try model.run()
    try model.folder.write(Arithmetic.rows(0..<8), to: "rows.jsonl")
    _ = try model.run()
    #expect(try calls(model).count == 8)
    #expect(try calls(model, "--run", "last").count == 2)
    #expect(try calls(model, "--model", "toll").count == 8)
    #expect(try calls(model, "--state", "refused", "--state", "in-doubt").isEmpty)
    #expect(try calls(model, "--limit", "3").count == 3)
    let cut = try model.distill("calls", "--limit", "3")
    #expect(cut.error.contains("the first 3; --limit 0 lists all"), "\(cut.error)")
    #expect(cut.error.contains("toll: 8 answered; \(try model.charged)"), "\(cut.error)")
    #expect(try calls(model, "--limit", "0").count == 8)
    let other = try model.distill("calls", "--model", "gpt")
    #expect(other.status == 2)
    #expect(other.error.contains("no call was made to a model 'gpt'"), "\(other.error)")
    #expect(other.error.contains("there are 'toll'"), "\(other.error)")
  }

  @Test(
    "that are not there are told so",
    arguments: [
      (["calls", "show", "ffffffffffff"], "no call"),
      (["calls", "settle", "ffffffffffff", "--as", "skip"], "no call in doubt has a key"),
      (["calls", "settle", "--as", "skip"], "name the calls to settle"),
      (["calls", "settle", "abc", "--all", "--as", "skip"], "--all settles every call"),
      (["calls", "settle", "--all", "--as", "forget"], "'forget' is invalid"),
      (["calls", "--state", "lost"], "'lost' is invalid"),
      (["calls", "--run", "nobody"], "no run"),
    ]
  )
  func notThere(arguments: [String], message: String) throws {
    let model = try PaidModel(rows: 1)
    try model.write()
    _ = try model.run()
    let result = try Distill.run(arguments, in: model.folder.path)
    #expect(result.status == 2)
    #expect(result.error.contains(message), "\(result.error)")
  }

  @Test("show what a model wrote without obeying it")
  func escapes() throws {
    let hostile = "\u{1B}]0;title\u{07}\u{1B}[2J7\u{202E}drow\u{9B}31m\u{0}"
    let model = try ScriptedModel(rows: 1) { _ in .answer(200, ScriptedModel.body(hostile)) }
    try model.write()
    #expect(try model.run().status == 0)
    let list = try Distill.run("calls", "--json", in: model.folder.path)
    let key = try #require(list.summary["calls"]?.array?.first?["key"]?.string)
    for arguments in [["calls"], ["calls", "show", key], ["calls", "show", key, "--json"]] {
      let shown = try Distill.run(arguments, in: model.folder.path)
      #expect(shown.status == 0, "\(shown.error)")
      let scalars = (shown.output + shown.error).unicodeScalars
      #expect(
        !scalars.contains { scalar in
          (scalar.value < 0x20 && scalar != "\n") || (0x7F..<0xA0).contains(scalar.value)
        }
      )
    }
    let shown = try Distill.run("calls", "show", key, in: model.folder.path)
    #expect(!shown.output.unicodeScalars.contains("\u{202E}"))
    #expect(shown.output.contains("title"), "\(shown.output)")
  }
}
