import Engine
import Store
import TestSupport
import Testing
import Workflow

/// Tables of scores of recorded answers: what their keys hold beside the scores.
@Suite struct TableKeyTests {
  private static let workflow = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      recorded: {kind: import-completions, format: jsonl, path: answers.jsonl, data: rows, id: id}
      one: {kind: evaluate, of: recorded, as: number}
      two: {kind: evaluate, of: recorded, as: text}
      table: {kind: table, columns: {First: one, Second: two}}
    """

  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
    try shop.folder.write(Golden.rows, to: "rows.jsonl")
    try shop.folder.write("{\"id\": \"a\", \"text\": \"it is 2\"}\n", to: "answers.jsonl")
  }

  private func table(_ text: String, run id: String) async throws -> String? {
    let outcomes = try await shop.run(text, id: id)
    return try await shop.text(outcomes["table"], "table.md")?.split(separator: "\n").first
      .map(String.init)
  }

  @Test func headingsAndWhatStandsUnderThemCount() async throws {
    #expect(try await table(Self.workflow, run: "run-1") == "| First | Second |")
    let renamed = Self.workflow.replacing("First:", with: "Best:")
    #expect(try await table(renamed, run: "run-2") == "| Best | Second |")
    let list = Self.workflow.replacing("{First: one, Second: two}", with: "[one, two]")
    #expect(try await table(list, run: "run-3") == "| one | two |")
    let turned = list.replacing("[one, two]", with: "[two, one]")
    #expect(try await table(turned, run: "run-4") == "| two | one |")
  }

  @Test func theOrderOfTheColumnsCounts() async throws {
    #expect(try await table(Self.workflow, run: "run-1") == "| First | Second |")
    let turned = Self.workflow.replacing(
      "{First: one, Second: two}",
      with: "{Second: two, First: one}"
    )
    let head = try await table(turned, run: "run-2")
    #expect(head == "| Second | First |")
  }

  @Test func whereATableIsSavedDoesNotCount() async throws {
    try await shop.run(Self.workflow)
    let saved = Self.workflow.replacing("{kind: table,", with: "{kind: table, save: out/t,")
    let outcomes = try await shop.run(saved, id: "run-2")
    #expect(outcomes["table"]?.status == .reused)
  }

  @Test func anAxisOfAnotherNameIsAnotherTable() async throws {
    let text = """
      matrix: {AXIS: [x, y]}
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        recorded: {kind: import-completions, format: jsonl, path: answers.jsonl, data: rows, id: id}
        one: {kind: evaluate, of: recorded, as: number, each: [AXIS]}
        table: {kind: table, columns: [one], rows: AXIS}
      """
    let first = text.replacing("AXIS", with: "style")
    let second = text.replacing("AXIS", with: "manner")
    #expect(try await table(first, run: "run-1") == "| style | one |")
    #expect(try await table(second, run: "run-2") == "| manner | one |")
  }
}
