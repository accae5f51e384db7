import Foundation
import Primitives
import TestSupport
import Testing
import TollRig

/// Asking again on purpose, and not asking at all, at a server that counts its charges.
@Suite("--fresh and --frozen")
struct AskingAgainTests {
  @Test("fresh answers are bought once more; both attempts are kept and the later ones count")
  func fresh() throws {
    let paid = try PaidModel(rows: 4, "--keys", "honour")
    try paid.write()
    #expect(try paid.run("--json").status == 0)
    let once = try paid.charged
    let again = try paid.run("--json", "--fresh", "answers")
    #expect(again.status == 0, "\(again.error)")
    #expect(again.calls("made") == 4)
    #expect(try paid.charged == once + once)
    let view = try LedgerView(cache: "\(paid.folder.path)/cache")
    #expect(view.attempts.count == 8)
    #expect(view.recorded.count == 4)
    let third = try paid.run("--json")
    #expect(third.calls("made") == 0)
    let shown = try paid.distill("show", "last", "answers", "--json")
    #expect(shown.output.contains(try #require(again.summary["id"]?.string)), "\(shown.output)")
    #expect(try paid.requests == 8)
  }

  @Test("a fresh run that failed is gone on with, and one behind a success begins anew")
  func goesOn() throws {
    let paid = try PaidModel(rows: 4, "--faults", #"{"chat": {"calls": {"7": "unauthorized"}}}"#)
    try paid.write(concurrency: 1)
    #expect(try paid.run("--json").status == 0)
    let cutOff = try paid.run("--json", "--fresh", "answers")
    #expect(cutOff.status == 1)
    #expect(cutOff.calls("made") == 2)
    let rest = try paid.run("--fresh", "answers")
    #expect(rest.status == 0, "\(rest.error)")
    let first = try #require(cutOff.summary["id"]?.string)
    #expect(rest.error.contains("going on with run \(first)"))
    #expect(rest.error.contains("2 calls to make, 2 paid already"), "\(rest.error)")
    // Nine requests, one of them refused.
    #expect(try paid.requests == 9)
    let anew = try paid.run("--json", "--fresh", "answers")
    #expect(anew.calls("made") == 4)
  }

  @Test("the plan of a fresh run says what it will cost")
  func freshPlan() throws {
    let paid = try PaidModel(rows: 4)
    try paid.write()
    #expect(try paid.run("--json").status == 0)
    let again = try paid.run("--fresh-all")
    #expect(again.error.contains("calls known: 4 calls to make, 0 paid already"), "\(again.error)")
  }

  @Test("a frozen run makes no call, and lists each that is missing")
  func frozen() throws {
    let paid = try PaidModel(rows: 4)
    try paid.write()
    let frozen = try paid.run("--json", "--frozen")
    #expect(frozen.status == 1)
    #expect(try paid.requests == 0)
    let id = try #require(frozen.summary["id"]?.string)
    let lines = try paid.folder.read("cache/runs/\(id)/missing.jsonl").split(separator: "\n")
    let calls = try lines.map { try JSON(parsing: Array($0.utf8)) }
    #expect(Set(calls.compactMap { $0["call"]?.string }).count == 4)
    #expect(calls.allSatisfy { $0["request"]?["messages"] != nil })
    let failure = frozen.events.first { $0["instance"] == "answers" && $0["error"] != nil }
    #expect(failure?["error"]?.string?.hasPrefix("4 of 4 calls have no recorded answer") == true)
    #expect(try paid.run("--json").status == 0)
    #expect(try paid.run("--json", "--frozen").status == 0)
    #expect(try paid.requests == 4)
  }

  @Test("what contradicts itself or names nothing is refused before anything is sent")
  func refused() throws {
    let paid = try PaidModel(rows: 2)
    try paid.write()
    let cases = [
      (["--fresh", "answer"], "did you mean 'answers'?"),
      (["--frozen", "--fresh-all"], "give one"),
    ]
    for (arguments, message) in cases {
      let result = try Distill.run(["run", "w.yaml"] + arguments, in: paid.folder.path)
      #expect(result.status == 2)
      #expect(result.error.contains(message), "\(result.error)")
    }
    try paid.write(
      nodes: PaidModel.generate.replacing("data: rows,", with: "data: rows, mode: batch,")
    )
    let batch = try paid.run("--fresh-all")
    #expect(batch.status == 2)
    #expect(batch.error.contains("one by one only"), "\(batch.error)")
    #expect(try paid.requests == 0)
  }
}
