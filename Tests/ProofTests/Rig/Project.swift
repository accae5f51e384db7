import Foundation
import Primitives
import TestSupport

/// A folder with rows and a workflow that asks a toll server about each of them, and makes of the
/// answers all that follows: labels, a training set, scores and a table.
struct Project {
  let folder: TemporaryFolder
  var path: String { folder.path }

  /// Makes a project of so many rows; `question` says what stands in each.
  init(rows: Int, question: (Int) -> String = { "What is \($0) plus 4?" }) throws {
    folder = try TemporaryFolder()
    let text = (0..<rows).map { number -> String in
      let row: JSON = [
        "id": .string("row-\(number)"), "question": .string(question(number)),
        "label": .string("\(number + 4)"),
      ]
      return row.compactText + "\n"
    }
    try folder.write(text.joined(), to: "rows.jsonl")
  }

  /// What a workflow may have besides.
  struct Settings {
    var concurrency = 64
    /// Further fields of the model.
    var model = ""
    /// Further members of `limits`, each after a comma.
    var limits = ""
    /// Lines at the top level.
    var top = ""
    /// Further settings of the generate node, each after a comma.
    var generate = ""
    /// Further nodes, a line each, with its line end.
    var nodes = ""
    var name = "proof"
  }

  /// Prices that every proof uses, in USD per million tokens.
  static let price = "price: {input: 2.5, output: 10, training: 25, as_of: 2026-11-01}"

  @discardableResult
  func write(_ url: String, to file: String = "w.yaml", _ settings: Settings = Settings()) throws
    -> String
  {
    try folder.write(
      """
      workflow: \(settings.name)
      \(settings.top)
      models:
        teacher:
          base_url: \(url)
          model: toll
          revision: "1"
          identity: toll
          limits: {concurrency: \(settings.concurrency)\(settings.limits)}
          \(Self.price)
          \(settings.model)
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows\(settings.generate)}
        labels: {kind: parse, completions: answers}
        training: {kind: substitute-labels, data: rows, labels: labels, template: math/vanilla}
        scores: {kind: evaluate, of: labels}
        table: {kind: table, title: Proof, columns: [scores]}
        \(settings.nodes)
      """,
      to: file
    )
  }

  func cache(_ name: String = "cache") -> String { "\(path)/\(name)" }

  /// Runs the workflow on a cache of its own name.
  @discardableResult
  func run(
    _ arguments: String...,
    cache: String = "cache",
    environment: [String: String] = [:],
    seconds: Int = 600
  ) throws -> Tool.Result {
    try Tool.run(
      ["run", "w.yaml", "--json", "--cache", self.cache(cache)] + arguments,
      in: path,
      environment: environment,
      seconds: seconds
    )
  }

  func start(
    _ arguments: String...,
    cache: String = "cache",
    environment: [String: String] = [:]
  ) throws -> Running {
    try Tool.start(
      ["run", "w.yaml", "--json", "--cache", self.cache(cache)] + arguments,
      in: path,
      environment: environment
    )
  }

  /// A command other than `run`, with `--json`.
  func ask(_ arguments: String..., cache: String = "cache") throws -> Tool.Result {
    try Tool.run(arguments + ["--json", "--cache", self.cache(cache)], in: path)
  }

  /// Keys of the calls that the tool lists as in doubt.
  func inDoubt(cache: String = "cache") throws -> Set<String> {
    let listed = try calls("--state", "in-doubt", cache: cache)
    return Set(listed.compactMap { $0["key"]?.string })
  }

  /// What `distill calls list` lists, all of it.
  func calls(_ filter: String..., cache: String = "cache") throws -> [JSON] {
    let arguments = ["calls", "list", "--limit", "0"] + filter
    let listed = try Tool.run(arguments + ["--json", "--cache", self.cache(cache)], in: path)
    return listed.summary["calls"]?.array ?? []
  }
}
