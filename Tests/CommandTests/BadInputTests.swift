import Foundation
import TestSupport
import Testing

/// What is wrong in what the user wrote is said before anything is sent.
@Suite("Bad input")
struct BadInputTests {
  /// A workflow with one thing wrong, at the place marked by `‹`.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let nodes: String
    let message: String
    let hint: String

    init(_ name: String, _ nodes: String, says message: String, hint: String) {
      testDescription = name
      self.nodes = nodes
      self.message = message
      self.hint = hint
    }
  }

  static let wrong = [
    Case(
      "broken YAML",
      """
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl
        answers‹: {kind: generate, model: teacher, template: math/cot, data: rows}
      """,
      says: "expected ',' or '}'",
      hint: "close the bracket, or put a ',' between the values"
    ),
    Case(
      "unknown kind",
      """
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: ‹generat, model: teacher, template: math/cot, data: rows}
      """,
      says: "unknown node kind 'generat'",
      hint: "did you mean 'generate'?"
    ),
    Case(
      "unknown field",
      """
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, ‹dta: rows, data: rows}
      """,
      says: "'generate' has no field 'dta'",
      hint: "did you mean 'data'?"
    ),
    Case(
      "wrong reference",
      """
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: ‹rowz}
      """,
      says: "nothing is named 'rowz'",
      hint: "did you mean 'rows'?"
    ),
    Case(
      "reference to another type",
      """
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows}
        training:
          kind: substitute-labels
          data: rows
          labels: ‹answers
          template: math/vanilla
      """,
      says: "completions",
      hint: "parse"
    ),
    Case(
      "missing file",
      """
      nodes:
        rows: {kind: dataset, format: jsonl, path: ‹row.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      """,
      says: "there is no file 'row.jsonl'",
      hint: "paths are relative to the workflow"
    ),
  ]

  @Test("in a workflow: place, message, hint; nothing is sent or written", arguments: wrong)
  func wrongWorkflow(bad: Case) throws {
    let model = try ScriptedModel()
    let place = try write(marked: bad.nodes, model)
    let result = try model.run()
    #expect(result.status == 2)
    #expect(result.error.hasPrefix("\(place): error: "), "\(result.error)")
    #expect(result.error.contains(bad.message), "\(result.error)")
    #expect(result.error.contains("hint: "), "\(result.error)")
    #expect(result.error.contains(bad.hint), "\(result.error)")
    try nothingHappened(model)
  }

  /// Writes the workflow without its mark; the mark's place as messages have it.
  private func write(marked nodes: String, _ model: ScriptedModel) throws -> String {
    let text = ScriptedModel.declaration(model.server.url) + nodes
    let mark = try #require(text.range(of: "‹")).lowerBound
    let lines = text[..<mark].split(separator: "\n", omittingEmptySubsequences: false)
    try model.folder.write(text.replacingOccurrences(of: "‹", with: ""), to: "w.yaml")
    return "w.yaml:\(lines.count):\((lines.last?.count ?? 0) + 1)"
  }

  private func nothingHappened(_ model: ScriptedModel) throws {
    #expect(model.server.received.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: "\(model.folder.path)/cache"))
  }

  @Test("every problem of a workflow is told at once")
  func allAtOnce() throws {
    let model = try ScriptedModel()
    try model.write(
      """
      nodes:
        rows: {kind: dataset, format: jsnl, path: row.jsonl}
        answers: {kind: generat, model: teacher}
        labels: {kind: parse, completions: answer}
      """
    )
    let result = try model.run()
    #expect(result.status == 2)
    for message in ["'jsnl'", "'row.jsonl'", "'generat'", "'answer'"] {
      #expect(result.error.contains(message), "\(result.error)")
    }
    try nothingHappened(model)
  }

  @Test(
    "a parameter that is not there, or is no parameter",
    arguments: ["rows", "size=5", "n=lots"]
  )
  func wrongSetting(setting: String) throws {
    let model = try ScriptedModel()
    try model.write(
      """
      parameters: {n: 3}
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl, limit: "${n}"}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      """
    )
    let result = try model.run("--set", setting)
    #expect(result.status == 2)
    let name = setting.prefix { $0 != "=" }
    #expect(result.error.contains("'--set \(name)"), "\(result.error)")
    #expect(result.error.contains("hint: "), "\(result.error)")
    try nothingHappened(model)
  }

  // MARK: Found by looking into the files

  @Test("a column that the rows do not have")
  func wrongColumn() throws {
    let model = try ScriptedModel()
    try model.write(
      """
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl, fields: {question: frage}}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      """
    )
    let result = try model.run()
    #expect(result.status == 2)
    #expect(
      result.error.contains(
        "rows.jsonl:1:1: error: row 1 has no column 'frage'; it has 'id', 'question', 'label'"
      ),
      "\(result.error)"
    )
    #expect(result.error.contains("name a column that is there"))
    #expect(model.server.received.isEmpty)
  }

  @Test("a broken row")
  func brokenRow() throws {
    let model = try ScriptedModel()
    try model.folder.write(Arithmetic.row(0) + "{\"id\":\n" + Arithmetic.row(1), to: "rows.jsonl")
    try model.write()
    let result = try model.run()
    #expect(result.status == 2)
    #expect(result.error.contains("rows.jsonl:2:"), "\(result.error)")
    #expect(model.server.received.isEmpty)
  }

  @Test("a template variable that no record has")
  func wrongVariable() throws {
    let model = try ScriptedModel()
    let template = """
      task: math
      messages:
        - role: user
          content: "{{question}} {{language}}"
      answer: {as: number}
      target: "{{label}}"
      max_tokens: 20
      """
    try model.folder.write(template, to: "prompt.yaml")
    let place = try write(
      marked: """
        nodes:
          rows: {kind: dataset, format: jsonl, path: rows.jsonl}
          prompt: {kind: select-template, file: prompt.yaml}
          answers: {kind: generate, model: teacher, template: ‹prompt, data: rows}
        """,
      model
    )
    let result = try model.run()
    #expect(result.status == 2)
    #expect(result.error.hasPrefix("\(place): error: "), "\(result.error)")
    #expect(result.error.contains("template 'prompt': record 'row-0' has no field 'language'"))
    #expect(result.error.contains("hint: it has 'question'"), "\(result.error)")
    #expect(model.server.received.isEmpty)
  }

  @Test("more unreadable answers than the workflow allows: exit 3, and they are kept")
  func tooManyBadRows() throws {
    let model = try ScriptedModel(rows: 10) { request in
      // One row in ten has a number.
      let text = request.text.contains("Sam has 5 stamps") ? "The answer is 7." : "Who knows?"
      return .answer(200, ScriptedModel.body(text))
    }
    let labels = "  labels: {kind: parse, completions: answers, fail_above: "
    try model.write(ScriptedModel.generate + labels + "5%}\n")
    let result = try model.run()
    #expect(result.status == 3)
    #expect(
      result.error.contains("9 of 10 rows are invalid (9 unreadable); the limit is 5 %"),
      "\(result.error)"
    )
    #expect(result.error.contains("hint: "))
    #expect(model.server.received.count == 10)

    try model.write(ScriptedModel.generate + labels + "95%}\n")
    #expect(try model.run().status == 0)
    #expect(model.server.received.count == 10)
  }
}
