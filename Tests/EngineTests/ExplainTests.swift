import Engine
import Foundation
import Primitives
import Store
import Execution
import Workflow
import TestSupport
import Testing

@Suite struct ExplainTests {
  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
  }

  private static let twoSteps = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      count: {kind: command, shell: "wc -l < $IN > out", inputs: {IN: rows}, outputs: {out: out}}
      copy: {kind: command, shell: "cat $IN > out", inputs: {IN: count}, outputs: {out: out}}
    """

  private func writeRows(_ questions: String...) throws {
    let lines = questions.enumerated().map { "{\"id\": \"\($0)\", \"question\": \"\($1)\"}\n" }
    try shop.folder.write(lines.joined(), to: "rows.jsonl")
  }

  private func explain(_ text: String) async throws -> [String: Explanation] {
    let all = try await shop.engine(text).explain()
    return Dictionary(uniqueKeysWithValues: all.map { ($0.id.text, $0) })
  }

  @Test func beforeTheFirstRun() async throws {
    try writeRows("one", "two")
    let all = try await explain(Self.twoSteps)
    #expect(all["rows"]?.reason == "it has not run before")
    #expect(all["count"]?.verdict == .wouldRun)
    #expect(all["copy"]?.verdict == .waits)
    #expect(all["copy"]?.reason == "it depends on count")
  }

  @Test func whatIsCachedNamesItsRun() async throws {
    try writeRows("one", "two")
    try await shop.run(Self.twoSteps, id: "run-1")
    let all = try await explain(Self.twoSteps)
    #expect(all.values.allSatisfy { $0.verdict == .reused && $0.reason == "made by run run-1" })
    #expect(all.values.allSatisfy { $0.changes.isEmpty })
  }

  @Test func aChangedRowOfADatasetIsShown() async throws {
    try writeRows("one", "two", "three")
    try await shop.run(Self.twoSteps)
    try writeRows("one", "zwei", "three")
    let all = try await explain(Self.twoSteps)
    let change = try #require(all["count"]?.changes.first)
    #expect(all["count"]?.reason == "changed since run run-1")
    #expect(change.name == "inputs.IN")
    #expect(
      change.lines == [
        #"- {"id":"1","question":"two"}"#, #"+ {"id":"1","question":"zwei"}"#,
      ]
    )
  }

  @Test func aChangedSettingIsShownWithBothValues() async throws {
    try writeRows("one")
    try await shop.run(Self.twoSteps)
    let all = try await explain(Self.twoSteps.replacing("wc -l", with: "wc -c"))
    let changes = try #require(all["count"]?.changes)
    #expect(changes.map(\.name) == ["shell"])
    #expect(changes[0].lines == ["- wc -l < $IN > out", "+ wc -c < $IN > out"])
    #expect(
      all["count"]?.json == [
        "instance": "count", "verdict": "would run", "reason": "changed since run run-1",
        "changes": [
          ["name": "shell", "lines": ["- wc -l < $IN > out", "+ wc -c < $IN > out"]]
        ],
      ]
    )
  }

  @Test func aChangedLineOfACommandsFileIsShown() async throws {
    try shop.folder.write("alpha\nbeta\ngamma\n", to: "config")
    let text = """
      nodes:
        node: {kind: command, shell: "cat $C > out", inputs: {C: {path: config}}, outputs: {out: out}}
      """
    try await shop.run(text)
    try shop.folder.write("alpha\nBETA\ngamma\n", to: "config")
    let all = try await explain(text)
    let changes = try #require(all["node"]?.changes)
    #expect(changes.map(\.name) == ["inputs.C.path"])
    #expect(changes[0].lines == ["- beta", "+ BETA"])
  }

  @Test func aRewordedTemplateIsShown() async throws {
    try shop.folder.write(Golden.template, to: "math/steps.yaml")
    let text = "nodes:\n  cot: {kind: select-template, use: math/steps}\n"
    try await shop.run(text)
    let reworded = Golden.template.replacing("Think step by step.", with: "Show your steps.")
    try shop.folder.write(reworded, to: "math/steps.yaml")
    let all = try await explain(text)
    let changes = try #require(all["cot"]?.changes)
    #expect(changes.map(\.name) == ["use"])
    #expect(
      changes[0].lines == [
        "-     content: \"{{question}} Think step by step.\"",
        "+     content: \"{{question}} Show your steps.\"",
      ]
    )
  }

  @Test func longDifferencesAreCut() async throws {
    func text(_ word: String) -> String {
      let lines = (1...60).map { "      \(word) \($0)" }.joined(separator: "\n")
      return "nodes:\n  node:\n    kind: command\n    outputs: {}\n    shell: |\n\(lines)\n"
    }
    try await shop.run(text(": old"))
    let all = try await explain(text(": new"))
    let lines = try #require(all["node"]?.changes.first?.lines)
    #expect(lines.count == 41)
    #expect(lines.last == "… and 80 more lines")
  }

  @Test func aCachedResultTellsWhatHadChangedWhenItWasMade() async throws {
    try writeRows("one")
    try await record(Self.twoSteps)
    let changed = Self.twoSteps.replacing("wc -l", with: "wc -c")
    let run = try await record(changed)
    let all = try await explain(changed)
    #expect(all["count"]?.reason == "made by run \(run)")
    #expect(all["count"]?.changes.map(\.name) == ["shell"])
    #expect(all["rows"]?.changes.isEmpty == true)
  }

  /// Runs and writes the record, as the command line does; gives the run's id.
  @discardableResult
  private func record(_ text: String) async throws -> String {
    let workflow = try shop.workflow(text)
    let folder = try await shop.store.runs.begin(workflow: workflow.name, commit: nil)
    let engine = try await shop.engine(workflow, runID: folder.id)
    let outcomes = try await engine.run(RunSettings(localSlots: 2), runID: folder.id) { _ in }
    let summary = RunSummary(
      id: folder.id,
      outcomes: outcomes,
      commit: nil,
      isDirty: false,
      isInterrupted: false,
      seconds: 0
    )
    try await folder.writeRecord(shop.record(outcomes, of: engine, summary))
    return folder.id
  }
}
