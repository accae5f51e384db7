import Foundation
import Primitives
import TestSupport
import Testing

/// `distill diff` on real runs of a model that answers as its prompt asks.
@Suite("Diff")
struct DiffCommandTests {
  private static let nodes = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      labels: {kind: parse, completions: answers}
      score: {kind: evaluate, of: labels}

    """

  private let model: ScriptedModel

  /// Every answer is 7, the first row's; asked carefully about the third row, it is that row's.
  init() throws {
    model = try ScriptedModel(rows: 5) { request in
      let isOther = request.text.contains("carefully") && request.text.contains("Will has 7")
      return .answer(200, ScriptedModel.body("The answer is \(isOther ? 9 : 7)."))
    }
    try write(asking: "Think step by step.")
    try model.write(Self.nodes)
    try #require(try model.run().status == 0)
  }

  private func write(asking: String) throws {
    let template = """
      task: math
      messages: [{role: user, content: "{{question}}\\n\(asking)"}]
      answer: {as: number}
      target: "{{label}}"
      max_tokens: 50

      """
    try model.folder.write(template, to: "templates/math/cot.yaml")
  }

  /// The ids of the runs, oldest first.
  private func runs() throws -> [String] {
    let listed = try Distill.run("runs", "--json", in: model.folder.path).summary["runs"]
    return (listed?.array ?? []).compactMap { $0["id"]?.string }.sorted()
  }

  private func diff(_ arguments: String...) throws -> Distill.Result {
    let runs = try runs()
    // Ids made in one second have no order of their own.
    let listed = try Distill.run("runs", "--json", in: model.folder.path).summary["runs"]
    let newest = listed?.array?.first?["id"]?.string ?? ""
    let oldest = try #require(runs.first { $0 != newest })
    let result = try Distill.run(["diff", oldest, newest] + arguments, in: model.folder.path)
    #expect(result.status == 0, "\(result.error)")
    if !arguments.contains("--json") {
      for line in result.output.split(separator: "\n") { #expect(line.count <= 100) }
    }
    return result
  }

  private func instance(_ id: String, _ diff: JSON) throws -> JSON {
    try #require(diff["instances"]?.array?.first { $0["id"]?.string == id })
  }

  @Test("two runs of the same are identical, in one line")
  func identical() throws {
    #expect(try model.run().status == 0)
    let result = try diff()
    #expect(result.output.hasPrefix("identical: 5 instances, the same keys and outputs ("))
    #expect(result.output.split(separator: "\n").count == 1)
    #expect(try diff("--json").summary["identical"] == true)
  }

  @Test("a reworded template: its lines, the labels and verdicts that flipped, the paired interval")
  func template() throws {
    try write(asking: "Think carefully.")
    #expect(try model.run().status == 0)
    let text = try diff().output
    for part in [
      "    - messages[0].content: Think step by step.",
      "    + messages[0].content: Think carefully.",
      "1 label differs of 5 common rows: 1 valid → valid", "'row-2': valid '7' → valid '9'",
      "1 verdict flipped of 5 common rows: 1 wrong → correct",
      "accuracy.all 0.2000 → 0.4000, +0.2000 [+0.0000, +0.6000] on 5 common rows",
      "calls made: 5 (0 reused) → 5 (0 reused)", "cost: unknown → unknown",
    ] { #expect(text.contains(part), "\(part) in \(text)") }

    let diff = try diff("--json").summary
    let answers = try instance("answers", diff)
    #expect(answers["inputs"] == ["template"])
    #expect(answers["settings"] == [])
    #expect(try instance("labels", diff)["rows"]?["flipped"] == ["row-2"])
    #expect(diff["instances"]?.array?.contains { $0["id"] == "rows" } == false)
  }

  @Test("data rows by id: added, removed, changed; --rows lists all")
  func data() throws {
    let rows = Arithmetic.rows(1..<12).replacing("has 6 plums", with: "has 60 plums")
    try model.folder.write(rows, to: "rows.jsonl")
    #expect(try model.run().status == 0)
    let text = try diff().output
    #expect(text.contains("7 rows added: 'row-5', 'row-6', 'row-7', 'row-8', 'row-9', …"))
    #expect(text.contains("1 row removed: 'row-0'"))
    #expect(text.contains("1 of 4 common rows changed:"))
    #expect(text.contains("60 plums"))
    #expect(try diff("--rows").output.contains("    'row-11'"))
    let entry = try instance("rows", try diff("--json").summary)
    #expect(entry["rows"]?["added"]?.array?.count == 7)
    #expect(entry["files"]?.array?.map { $0["name"] } == ["path"])
  }

  @Test("parameters, settings and instances of one run only are named")
  func settings() throws {
    try model.write(
      Self.nodes.replacing("data: rows}", with: "data: rows, seed: 4}")
        + "  more: {kind: parse, completions: answers}\n"
    )
    #expect(try model.run().status == 0)
    let text = try diff().output
    #expect(text.contains("  seed: 0 → 4"))
    #expect(text.contains("only in "))
    #expect(text.contains(": more"))
  }

  @Test("a run that is not there ends with 2")
  func unknown() throws {
    let result = try Distill.run("diff", "last", "19990101", in: model.folder.path)
    #expect(result.status == 2)
    #expect(result.error.contains("no run '19990101'"))
  }
}
