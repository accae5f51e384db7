import Engine
import Foundation
import Primitives
import TestSupport
import Testing
import Workflow

/// Changes of single inputs: exactly what depends on the input runs again, and `explain` names it
/// (promise P13).
@Suite("Mutations") struct MutationTests {
  @Test("each input of 50 workflows, one at a time", arguments: 0..<50)
  func inputs(seed: Int) async throws {
    let shop = try await Workshop()
    let graph = RandomGraph(seed: seed)
    try graph.write(to: shop.folder)
    try await shop.run(graph.text)

    for change in graph.changes {
      let changed = graph.changing(change)
      try changed.write(to: shop.folder)
      let explained = try await shop.engine(changed.text).explain()
      let explanation = try #require(explained.first { $0.id.text == change.node })
      let outcomes = try await shop.run(changed.text, id: "run-\(change.name)")
      let ran = Set(outcomes.filter { $0.status == .ran }.map(\.id.text))
      // A dataset is read while it is explained, so its own run is not among them.
      let affected = graph.affected(by: change.node).subtracting(
        change.isOfData ? [change.node] : []
      )
      #expect(ran.subtracting([change.node]) == affected.subtracting([change.node]), "\(change)")
      #expect(change.isOfData || ran.contains(change.node), "\(change)")
      #expect(explanation.changes.map(\.name) == [change.name], "\(change)")

      // Back again: all of it is still there.
      try graph.write(to: shop.folder)
      let back = try await shop.run(graph.text, id: "run-back")
      #expect(back.allSatisfy { $0.status == .reused }, "\(change)")
    }
  }

  @Test("what shapes no result runs nothing", arguments: 0..<10)
  func irrelevant(seed: Int) async throws {
    let shop = try await Workshop()
    let graph = RandomGraph(seed: seed)
    try graph.write(to: shop.folder)
    try await shop.run(graph.text)
    func expectNothingRuns(_ text: String, _ what: String) async throws {
      let outcomes = try await shop.run(text, id: "run-2", RunSettings(localSlots: 1))
      #expect(outcomes.allSatisfy { $0.status == .reused }, "\(what)")
    }
    try await expectNothingRuns(graph.text, "fewer cores")
    let old = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1)]
    for file in graph.files.keys {
      try FileManager.default.setAttributes(old, ofItemAtPath: "\(shop.folder.path)/\(file)")
    }
    try await expectNothingRuns(graph.text, "times of files")
    try await expectNothingRuns("# a word\n" + graph.text, "a comment")
    let limits = graph.text.replacing("outputs:", with: "timeout: 50s, retries: 3, outputs:")
    try await expectNothingRuns(limits, "time limits")
    // The same files on another path, with the same store.
    let moved = graph.text.replacing("path: ", with: "path: moved/")
    for (name, text) in graph.files { try shop.folder.write(text, to: "moved/\(name)") }
    try await expectNothingRuns(moved, "another path")
  }
}

/// A workflow of datasets and commands that is made from a seed.
///
/// Each command writes a digest of all that it reads, so that a change of anything shows in
/// everything behind it.
private struct RandomGraph {
  struct Node {
    let name: String
    var word: String
    /// Nodes before it, and a file of its own where it has one.
    let inputs: [String]
    let file: String?
    /// The most rows of a dataset; nil for a command.
    var limit: Int?
  }

  struct Change: CustomStringConvertible {
    let node: String
    /// As `explain` calls it.
    let name: String
    let isOfData: Bool
    var description: String { "\(name) of \(node)" }
  }

  private(set) var nodes: [Node] = []
  private(set) var files: [String: String] = [:]

  init(seed: Int) {
    var generator = SeededGenerator(seed: Int64(seed), label: "mutations")
    for number in 0..<1 + generator.below(2) {
      let file = "rows-\(number).jsonl"
      files[file] = Self.rows(0..<5)
      nodes.append(
        Node(name: "data-\(number)", word: "", inputs: [], file: file, limit: 4)
      )
    }
    for number in 0..<3 + generator.below(3) {
      let count = 1 + generator.below(2)
      var names = nodes.map(\.name)
      generator.shuffle(&names)
      let before = names.prefix(count).sorted()
      let hasFile = generator.below(2) == 0
      if hasFile { files["file-\(number).txt"] = "text \(number)\n" }
      nodes.append(
        Node(
          name: "step-\(number)",
          word: "word",
          inputs: before,
          file: hasFile ? "file-\(number).txt" : nil
        )
      )
    }
  }

  private static func rows(_ numbers: Range<Int>) -> String {
    numbers.map { "{\"id\": \"\($0)\", \"question\": \"\($0)?\"}\n" }.joined()
  }

  var text: String {
    nodes.reduce(into: "nodes:\n") { text, node in
      if let limit = node.limit, let file = node.file {
        text += "  \(node.name): {kind: dataset, format: jsonl, path: \(file), limit: \(limit)}\n"
        return
      }
      var inputs = node.inputs.enumerated().map { "IN\($0): \($1)" }
      if let file = node.file { inputs.append("FILE: {path: \(file)}") }
      let read = node.inputs.indices.map { "$IN\($0)" } + (node.file == nil ? [] : ["$FILE"])
      text +=
        "  \(node.name): {kind: command, shell: \"(echo \(node.word) \(node.name); "
        + "cat \(read.joined(separator: " "))) | sha256sum > out\", "
        + "inputs: {\(inputs.joined(separator: ", "))}, outputs: {out: out}}\n"
    }
  }

  /// Every input that a key is made of.
  var changes: [Change] {
    nodes.flatMap { node -> [Change] in
      guard node.limit == nil else {
        return [
          Change(node: node.name, name: "limit", isOfData: true),
          Change(node: node.name, name: "path", isOfData: true),
        ]
      }
      let shell = Change(node: node.name, name: "shell", isOfData: false)
      return [shell]
        + (node.file == nil
          ? [] : [Change(node: node.name, name: "inputs.FILE.path", isOfData: false)])
    }
  }

  func changing(_ change: Change) -> RandomGraph {
    var graph = self
    guard let index = nodes.firstIndex(where: { $0.name == change.node }) else { return self }
    switch change.name {
    case "limit": graph.nodes[index].limit = 3
    case "shell": graph.nodes[index].word = "other"
    case "path": graph.files[nodes[index].file ?? ""] = Self.rows(2..<7)
    default: graph.files[nodes[index].file ?? ""] = "another text\n"
    }
    return graph
  }

  func write(to folder: TemporaryFolder) throws {
    for (name, text) in files { try folder.write(text, to: name) }
  }

  /// A node and everything behind it.
  func affected(by name: String) -> Set<String> {
    var affected: Set<String> = [name]
    for node in nodes where !affected.isDisjoint(with: node.inputs) { affected.insert(node.name) }
    return affected
  }
}
