import Foundation
import Primitives
import TestSupport

/// A sample workflow, and its folder: one of five shapes, its settings drawn at random.
struct NamespaceSample {
  enum Shape: CaseIterable {
    /// Several answers a row and a vote, scored as they are.
    case votes
    /// Decoding parameters chosen by a grid, then used.
    case tuned
    /// Two styles of prompt side by side, worked examples, and commands that sort.
    case matrix
    /// The starter: an embedded teacher and student, a fine-tune.
    case starter
    /// The quickstart: a matrix of that, tuned.
    case quickstart
  }

  let shape: Shape
  let folder: TemporaryFolder
  var path: String { folder.path }

  /// Whether all that it does can be done again from recorded answers alone; training cannot.
  var isRepeatedFromAnswers: Bool { shape != .starter && shape != .quickstart }

  init(_ shape: Shape, _ server: TollServer, _ random: inout SeededGenerator) throws {
    self.shape = shape
    folder = try TemporaryFolder()
    let share = "\(ProjectFolder.path)/workflows"
    let rows = 10 + random.below(20)
    let text =
      switch shape {
      case .votes: Self.votes(server.url, &random)
      case .tuned: Self.tuned(server.url, &random)
      case .matrix: Self.matrix(server.url, &random)
      case .starter:
        try Self.starter(rows, read: "\(share)/starter/workflow.yaml")
      case .quickstart:
        try Self.quickstart(rows, read: "\(share)/quickstart.yaml")
      }
    try folder.write(text, to: "w.yaml")
    let data = shape == .starter ? "\(share)/starter/data" : "\(share)/data"
    try FileManager.default.copyItem(atPath: data, toPath: "\(path)/data")
    // Letters that a Turkish lower case, a German sort or a Latin-1 reader would treat otherwise.
    let lines = (0..<rows).map { row -> String in
      let question = ["What is \(row) plus 4?", "IŞIK, Ärger und i: \(row) + 4?"][row % 2]
      let line: JSON = [
        "id": .string("\(["a", "Z", "ä", "I"][row % 4])-\(row)"), "question": .string(question),
        "label": .string("\(random.below(1000))"),
      ]
      return line.compactText + "\n"
    }
    try folder.write(lines.joined(), to: "rows.jsonl")
  }

  private static func head(_ url: String) -> String {
    """
    workflow: sample
    models:
      teacher: {base_url: \(url), model: toll, revision: "1", identity: toll, \(Project.price)}
    """
  }

  private static func votes(_ url: String, _ random: inout SeededGenerator) -> String {
    """
    \(head(url))
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl, shuffle: \(random.below(100))}
      answers:
        kind: generate
        model: teacher
        template: math/cot
        data: rows
        samples: \(2 + random.below(4))
        decoding: {temperature: \(Double(1 + random.below(9)) / 10)}
      labels: {kind: parse, completions: answers, vote: majority, fail_above: 100%}
      single: {kind: generate, model: teacher, template: math/cot, data: rows, seed: 5}
      read: {kind: parse, completions: single}
      training: {kind: substitute-labels, data: rows, labels: read, template: math/vanilla}
      scores: {kind: evaluate, of: labels, metrics: [accuracy, words]}
      table: {kind: table, columns: [scores], save: results/table}
    """
  }

  private static func tuned(_ url: String, _ random: inout SeededGenerator) -> String {
    """
    \(head(url))
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      few: {kind: dataset, data: rows, limit: 5, shuffle: \(random.below(100))}
      best:
        kind: tune
        model: teacher
        template: [math/cot, math/vanilla]
        data: few
        grid: {temperature: [0, \(Double(1 + random.below(9)) / 10)], top_p: [0.5, 1]}
      answers: {kind: generate, model: teacher, template: best, decoding: best, data: rows}
      labels: {kind: parse, completions: answers, invalid: keep, fail_above: 100%}
      scores: {kind: evaluate, model: teacher, template: best, decoding: best, data: few}
      table: {kind: table, columns: {tuned: scores}, save: results/table}
    """
  }

  private static func matrix(_ url: String, _ random: inout SeededGenerator) -> String {
    """
    \(head(url))
    matrix: {style: [vanilla, cot]}
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      prompt:
        kind: select-template
        use: "math/${style}"
        examples: {data: rows, rows: \(1 + random.below(3)), seed: \(random.below(100))}
      answers: {kind: generate, model: teacher, template: prompt, data: rows}
      labels: {kind: parse, completions: answers}
      scores: {kind: evaluate, of: labels}
      sorted:
        kind: command
        shell: 'sort "$rows" > sorted; tr a-z A-Z < "$rows" > upper; umask > mask; ls -l sorted'
        inputs: {rows: labels, file: {path: rows.jsonl}}
        outputs: {sorted: sorted, upper: upper}
      table: {kind: table, rows: style, columns: [scores], save: results/table}
    """
  }

  /// The shipped starter, on fewer rows.
  private static func starter(_ rows: Int, read path: String) throws -> String {
    try text(path).replacingOccurrences(
      of: "path: data/train.jsonl}",
      with: "path: data/train.jsonl, limit: \(rows)}"
    )
    .replacingOccurrences(of: "path: data/test.jsonl}", with: "path: data/test.jsonl, limit: 10}")
  }

  /// The shipped quickstart, on fewer rows.
  private static func quickstart(_ rows: Int, read path: String) throws -> String {
    try text(path).replacingOccurrences(
      of: "train_rows: 800, test_rows: 500",
      with: "train_rows: \(rows), test_rows: 10"
    )
    .replacingOccurrences(of: "limit: 40}", with: "limit: 8}")
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}
