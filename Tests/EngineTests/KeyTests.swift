import Engine
import Foundation
import Primitives
import Execution
import Store
import Workflow
import TestSupport
import Testing

/// What an action key depends on, and what it must not depend on.
@Suite struct KeyTests {
  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
    try shop.folder.write("{\"question\": \"1 + 1?\", \"label\": 2}\n", to: "rows.jsonl")
    try shop.folder.write("{\"question\": \"2 + 2?\", \"label\": 4}\n", to: "other.jsonl")
    try shop.folder.write(Golden.template, to: "math/steps.yaml")
  }

  /// A node of each kind, written plainly.
  private static let command = """
    nodes:
      node:
        kind: command
        shell: "cat $A $B > out"
        inputs: {A: {path: rows.jsonl}, B: {path: other.jsonl}}
        outputs: {out: out, log: log}
        env: {X: one, Y: two}
    """
  private static let dataset = """
    nodes:
      node:
        kind: dataset
        format: jsonl
        path: rows.jsonl
        fields: {question: question, label: label}
        shuffle: 1
        skip: 0
        limit: 1
        truncate: {field: question, words: 2}
    """
  private static let template = """
    nodes:
      shots: {kind: dataset, format: jsonl, path: rows.jsonl}
      node:
        kind: select-template
        use: math/steps
        examples: {data: shots, rows: 1, seed: 0}
    """

  // MARK: What does not count

  @Test(
    arguments: [
      // The order of a map, flow or block, words around it.
      (
        "inputs: {A: {path: rows.jsonl}, B: {path: other.jsonl}}",
        "inputs:\n      B: {path: ./other.jsonl}\n      A:\n        path: rows.jsonl  # the rows"
      ),
      ("{out: out, log: log}", "{log: log, out: out}"),
      ("env: {X: one, Y: two}", "env: {Y: two, X: one}"),
      ("  node:\n    kind: command", "  node:\n    retries: 3\n    kind: command"),
      ("kind: command", "kind: command\n    timeout: 90s"),
      ("kind: command", "kind: command\n    pool: disk"),
      ("nodes:", "description: Something else.\nnodes:"),
      ("nodes:", "nodes:\n  another: {kind: command, shell: 'true', outputs: {}}"),
    ])
  func howItIsWrittenAndTransportDoNotCount(_ from: String, _ to: String) async throws {
    let pools = "pools: {disk: 1}\n"
    let text = pools + Self.command
    let changed = text.replacing(from, with: to)
    try #require(changed != text)
    let key = try #require(try await shop.key(of: "node", in: text))
    #expect(try await shop.key(of: "node", in: changed) == key)
  }

  @Test func theNodesAndTheWorkflowsNamesDoNotCount() async throws {
    let key = try #require(try await shop.key(of: "node", in: Self.command))
    let renamed = "workflow: other\n" + Self.command.replacing("node:", with: "copy:")
    #expect(try await shop.key(of: "copy", in: renamed) == key)
  }

  @Test(arguments: [KeyTests.command, KeyTests.dataset])
  func pathsAndTimesDoNotCount(_ text: String) async throws {
    let key = try #require(try await shop.key(of: "node", in: text))
    try shop.touch("rows.jsonl", at: 1_000_000)
    #expect(try await shop.key(of: "node", in: text) == key)
    try shop.folder.write(try shop.folder.read("rows.jsonl"), to: "elsewhere/moved.jsonl")
    let moved = text.replacing("path: rows.jsonl", with: "path: elsewhere/moved.jsonl")
    #expect(try await shop.key(of: "node", in: moved) == key)
  }

  @Test func anotherStoreGivesTheSameKey() async throws {
    let other = try await Workshop()
    for name in ["rows.jsonl", "other.jsonl"] {
      try other.folder.write(try shop.folder.read(name), to: name)
    }
    let key = try #require(try await shop.key(of: "node", in: Self.command))
    #expect(try await other.key(of: "node", in: Self.command) == key)
  }

  @Test func aWrittenDefaultIsNoChange() async throws {
    let text = "nodes:\n  node: {kind: dataset, format: jsonl, path: rows.jsonl}\n"
    let key = try #require(try await shop.key(of: "node", in: text))
    let written = text.replacing("}", with: ", skip: 0}")
    #expect(try await shop.key(of: "node", in: written) == key)
  }

  // MARK: What counts

  @Test(
    arguments: [
      ("cat $A $B", "cat $B $A"),
      ("shell: \"cat $A $B > out\"", "run: [sh, -c, \"cat $A $B > out\"]"),
      ("A: {path: rows.jsonl}", "A: {path: other.jsonl}"),
      ("A: {path: rows.jsonl}", "C: {path: rows.jsonl}"),
      (", B: {path: other.jsonl}", ""),
      ("log: log", "log: log.txt"),
      ("log: log", "trace: log"),
      ("X: one", "X: two"),
      ("X: one", "Z: one"),
      (", Y: two", ""),
    ])
  func everySettingOfACommandCounts(_ from: String, _ to: String) async throws {
    try await expectAnotherKey(Self.command, from, to)
  }

  @Test(
    arguments: [
      ("format: jsonl", "format: json"),
      ("path: rows.jsonl", "path: other.jsonl"),
      ("question: question", "text: question"),
      (", label: label", ""),
      ("shuffle: 1", "shuffle: 2"),
      ("    shuffle: 1\n", ""),
      ("limit: 1", "limit: 2"),
      ("    limit: 1\n", ""),
      ("truncate: {field: question", "truncate: {field: label"),
      ("words: 2", "words: 3"),
    ])
  func everySettingOfADatasetCounts(_ from: String, _ to: String) async throws {
    let changed = Self.dataset.replacing(from, with: to)
    try #require(changed != Self.dataset)
    // Some of these datasets cannot be read; they have a key all the same.
    let key = try #require(try await shop.run(Self.dataset)["node"]?.key)
    let other = try #require(try await shop.run(changed)["node"]?.key)
    #expect(other != key)
  }

  @Test(
    arguments: [
      ("rows: 1,", "rows: 0,"),
      ("seed: 0", "seed: 1"),
      ("path: rows.jsonl", "path: other.jsonl"),
    ])
  func everySettingOfATemplateCounts(_ from: String, _ to: String) async throws {
    try await expectAnotherKey(Self.template, from, to)
  }

  @Test func theBytesOfALibraryTemplateCount() async throws {
    let key = try await shop.key(of: "node", in: Self.template)
    try shop.folder.write(Golden.template + "# reworded\n", to: "math/steps.yaml")
    let changed = try await shop.key(of: "node", in: Self.template)
    #expect(key != nil && changed != nil && key != changed)
  }

  @Test func theBytesOfAFileCount() async throws {
    let key = try await shop.key(of: "node", in: Self.command)
    try shop.folder.write("{\"question\": \"1 + 2?\", \"label\": 3}\n", to: "rows.jsonl")
    let changed = try await shop.key(of: "node", in: Self.command)
    #expect(key != nil && changed != nil && key != changed)
  }

  @Test func onlyThePartsThatAreReadCount() async throws {
    let text = """
      nodes:
        both:
          kind: command
          shell: "cat $IN > a; date +%N > b"
          inputs: {IN: {path: rows.jsonl}}
          outputs: {a: a, b: b}
        node: {kind: command, shell: "cat $IN > out", inputs: {IN: both.a}, outputs: {out: out}}
      """
    try await shop.run(text)
    let key = try #require(try await shop.key(of: "node", in: text))
    // 'both' runs again and its other output differs.
    let again = text.replacing("date +%N", with: "echo other")
    try await shop.run(again, id: "run-2")
    #expect(try await shop.key(of: "node", in: again) == key)
  }

  private func expectAnotherKey(_ text: String, _ from: String, _ to: String) async throws {
    let changed = text.replacing(from, with: to)
    try #require(changed != text)
    let key = try #require(try await shop.key(of: "node", in: text))
    let other = try #require(try await shop.key(of: "node", in: changed))
    #expect(other != key)
  }
}
