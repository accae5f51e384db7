import Foundation
import Primitives
import TestSupport
import Testing

/// `distill lineage` on real runs: results, rows and files, back and forward.
@Suite("Lineage", .serialized)
struct LineageCommandTests {
  private static let workflow = """
    models:
      teacher: {embedded: tiny-teacher}
      student: {embedded: tiny-student}
    matrix:
      style: [vanilla, cot]
    nodes:
      train: {kind: dataset, format: jsonl, path: data/train.jsonl}
      test: {kind: dataset, format: jsonl, path: data/test.jsonl}
      prompt: {kind: select-template, use: "math/${style}"}
      answers: {kind: generate, model: teacher, template: prompt, data: train, samples: 2, decoding: {temperature: 0.7}}
      labels: {kind: parse, completions: answers, vote: majority, invalid: keep}
      training: {kind: substitute-labels, data: train, labels: labels, template: prompt}
      distilled: {kind: fine-tune, model: student, data: training, epochs: 1}
      after: {kind: evaluate, model: distilled, template: prompt, data: test}
      table: {kind: table, rows: style, columns: [after], save: results/table}

    """
  private static let train = 5
  private static let test = 3

  private let project: GitProject
  private let runID: String

  init() throws {
    project = try GitProject()
    try project.folder.write(Self.workflow, to: "w.yaml")
    try project.folder.write(Arithmetic.rows(0..<Self.train), to: "data/train.jsonl")
    try project.folder.write("\n" + Arithmetic.rows(100..<100 + Self.test), to: "data/test.jsonl")
    try project.commit()
    runID = try project.run()
  }

  private func lineage(_ arguments: String...) throws -> Distill.Result {
    let result = try Distill.run(["lineage"] + arguments, in: project.path)
    #expect(result.status == 0, "\(result.error)")
    let lines = result.output.split(separator: "\n")
    if !arguments.contains("--json") { #expect(lines.allSatisfy { $0.count <= 100 }) }
    return result
  }

  /// The steps of a trail by the name of their instance.
  private func steps(_ trail: JSON) -> [String: JSON] {
    var steps: [String: JSON] = [:]
    for step in trail["steps"]?.array ?? [] {
      for name in step["instances"]?.array ?? [] { steps[name.string ?? ""] = step }
    }
    return steps
  }

  @Test("a number leads down to templates, files, models, commit and run")
  func back() throws {
    let trail = try lineage("after@cot", "--json").summary
    let steps = steps(trail)
    #expect(trail["root"] == steps["after@cot"]?["key"])
    #expect(
      Set(steps.keys) == [
        "after@cot", "test", "prompt@cot", "distilled@cot", "training@cot", "train", "labels@cot",
        "answers@cot",
      ]
    )
    let head = try project.git("rev-parse", "HEAD").trimmingCharacters(in: .newlines)
    for step in steps.values {
      #expect(step["run"]?["id"]?.string == runID)
      #expect(step["run"]?["commit"]?.string == head)
      #expect(step["run"]?["dirty"] == false)
    }
    let file = steps["test"]?["sources"]?.array?.first?["file"]
    #expect(file?["git"]?["path"] == "data/test.jsonl")
    let blob = try project.git("rev-parse", "HEAD:data/test.jsonl")
    #expect(file?["git"]?["blob"]?.string == blob.trimmingCharacters(in: .newlines))
    let declared = steps["answers@cot"]?["sources"]?.array?.compactMap { $0["model"]?["declared"] }
    #expect(declared == [["teacher": ["embedded": "tiny-teacher"]]])

    let text = try lineage("after@cot").output
    #expect(text.contains("└─ model: distilled@cot  fine-tune"))
    #expect(text.contains("Think step by step."))
    #expect(text.contains("run \(runID) at \(head.prefix(10)), clean"))
    #expect(try lineage(runID, "after@cot").output == text)
  }

  @Test("every call of the ledger is found again from a row, by its key")
  func everyCall() throws {
    var keys: Set<String> = []
    for style in ["vanilla", "cot"] {
      for number in 1...2 * Self.train {
        // A line of the completions is one sample of a row.
        let rows = try lineage("answers@\(style)", "--row", "\(number)", "--json").summary["rows"]
        for row in rows?.array ?? [] { keys.formUnion(self.keys(row)) }
      }
      for number in 1...Self.test {
        let rows = try lineage("after@\(style)", "--row", "\(number)", "--json").summary["rows"]
        for row in rows?.array ?? [] { keys.formUnion(self.keys(row)) }
      }
    }
    let ledger = try LedgerView(cache: "\(project.path)/cache")
    #expect(keys == Set(ledger.recorded.map { $0.lowercased() }))
    #expect(keys.count == 2 * (2 * Self.train + Self.test))
  }

  private func keys(_ row: JSON) -> [String] {
    (row["calls"]?.array ?? []).compactMap { call in
      #expect(call["is_recorded"] == true)
      return call["key"]?.string
    }
  }

  @Test("a row of scores leads to its answer, and to every training row's answers")
  func row() throws {
    let rows = try lineage("after@cot", "--row", "row-101", "--json").summary["rows"]?.array ?? []
    let row = try #require(rows.first)
    #expect(rows.count == 1)
    #expect(row["number"] == 2)
    #expect(row["data"]?["line"] == 3)
    #expect(row["data"]?["file"]?["git"]?["path"] == "data/test.jsonl")
    #expect(row["calls"]?.array?.first?["tuned_by"] == "distilled@cot")
    #expect(row["calls"]?.array?.first?["answer"]?["text"] != nil)
    let training = try #require(row["training"])
    let ids = (0..<Self.train).map { JSON.string("row-\($0)") }
    #expect(training["ids"]?.array == ids)
    let taught = training["rows"]?.array ?? []
    #expect(taught.map { $0["id"] } == ids)
    for row in taught {
      let label = row["made_of"]?.array?.first
      #expect(label?["instance"] == "labels@cot")
      let answers = label?["made_of"]?.array ?? []
      #expect(answers.count == 2)
      for answer in answers {
        #expect(answer["instance"] == "answers@cot")
        let call = answer["calls"]?.array?.first
        #expect(call?["answer"]?["text"] == answer["row"]?["text"])
        #expect(call?["request"]?["decoding"]?["temperature"] == 0.7)
        #expect(call?["run"]?["id"]?.string == runID)
      }
    }
    let text = try lineage("after@cot", "--row", "2").output
    #expect(text.contains("data: test at line 3, row 2, of data/test.jsonl"))
    #expect(text.contains("labels@cot row 5 'row-4'"))
    #expect(text.contains("template prompt@cot; temperature 0.7"))
  }

  @Test("a file is known by its bytes: one that runs read, one that a run saved, one got from it")
  func files() throws {
    let input = try lineage("data/train.jsonl").output
    #expect(input.contains("an input file"))
    #expect(input.contains("read as data/train.jsonl"))
    #expect(input.contains("path of train  dataset"))
    #expect(try lineage("results/table.csv").output.contains("output 'table.csv' of this"))
    try Distill.run("get", "last", "answers@cot", "-o", "got.jsonl", in: project.path)
    #expect(try lineage("got.jsonl").output.contains("answers@cot  generate"))
    let key = try #require(try lineage("labels@cot", "--json").summary["root"]?.string)
    #expect(
      try lineage(String(key.prefix(12)), "--json").summary
        == lineage("labels@cot", "--json").summary
    )
  }

  @Test("forward goes to everything that was made of it")
  func forward() throws {
    let forward = try lineage("data/train.jsonl", "--forward", "--json").summary
    #expect(forward["uses"]?.array?.count == 1)
    let kinds = Set((forward["steps"]?.array ?? []).compactMap { $0["kind"]?.string })
    #expect(
      kinds == [
        "dataset", "generate", "parse", "substitute-labels", "fine-tune", "evaluate", "table",
      ]
    )
    #expect(try lineage("labels@cot", "--forward").output.contains("labels of training@cot"))
    #expect(try lineage("table", "--forward").output.contains("nothing was made from it"))
  }

  @Test("what is not there ends with 2 and names what is")
  func mistakes() throws {
    let mistakes = [
      (["after"], "name one: after@vanilla, after@cot"), (["nowhere"], "no file and no digest"),
      (["w2.yaml"], "no file and no digest"), (["0123456789"], "begins with '0123456789'"),
      (["after@cot", "--row", "99"], "has no row '99'"),
      (["table", "--row", "1"], "of the kind table, whose rows are not followed"),
      (["999999", "after@cot"], "no run '999999'"), ([runID, "nowhere"], "no instance 'nowhere'"),
      (["a", "b", "c"], "name an instance"),
      (["after@cot", "--row", "1", "--forward"], "--forward"),
    ]
    for (arguments, message) in mistakes {
      let result = try Distill.run(["lineage"] + arguments, in: project.path)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.error.contains(message), "\(result.error)")
      #expect(result.output == "")
    }
  }

  @Test(
    "a dirty run is told as such, with the commit that keeps its inputs; what is reused stays where it was made"
  )
  func dirty() throws {
    try project.folder.write("\n" + Arithmetic.rows(100..<104), to: "data/test.jsonl")
    let second = try project.run()
    let steps = steps(try lineage("after@cot", "--json").summary)
    #expect(steps["after@cot"]?["run"]?["id"]?.string == second)
    #expect(steps["after@cot"]?["run"]?["dirty"] == true)
    let kept = try project.git("rev-parse", "refs/distill/runs/\(second)")
    #expect(
      steps["after@cot"]?["run"]?["run_commit"]?.string == kept.trimmingCharacters(in: .newlines)
    )
    #expect(steps["distilled@cot"]?["run"]?["id"]?.string == runID)
    #expect(steps["distilled@cot"]?["run"]?["dirty"] == false)
    #expect(
      try lineage("after@cot").output.contains("dirty, its inputs are commit \(kept.prefix(10))")
    )

    let shown = try Distill.run("show", "last", in: project.path).output
    #expect(shown.contains("kept by refs/distill/runs/\(second)"))
    #expect(shown.contains("dirty: data/test.jsonl"))
    let reused = shown.split(separator: "\n").filter { $0.contains("from run \(runID)") }
    #expect(reused.contains { $0.contains("distilled@cot") })
    #expect(!reused.contains { $0.contains("after@cot") })
    let node = try Distill.run("show", "last", "after@cot", in: project.path).output
    for part in ["ran anew because of:", "  input data", "accuracy.all", "sha256", "samples: 1"] {
      #expect(node.contains(part), "\(node)")
    }
    for line in (shown + node).split(separator: "\n") { #expect(line.count <= 100) }
  }
}

/// Text of models and servers in what `lineage`, `show` and `diff` print.
@Suite("Foreign text in lineage")
struct LineageForeignTextTests {
  @Test("nothing that a model or server wrote reaches the terminal as it is")
  func hostile() throws {
    let hostile = "\u{1B}[31mred\u{202E} \u{7}The answer is 7."
    let model = try ScriptedModel(rows: 2) { _ in
      .answer(200, ScriptedModel.body(hostile).replacing("\"scripted\"", with: #""sc\u001b[31m""#))
    }
    try model.write(ScriptedModel.generate + "  labels: {kind: parse, completions: answers}\n")
    #expect(try model.run().status == 0)
    let commands = [
      ["lineage", "labels"], ["lineage", "labels", "--row", "1"],
      ["lineage", "labels", "--row", "1", "--json"], ["lineage", "labels", "--json"],
      ["show", "last"], ["show", "last", "answers"], ["lineage", "rows.jsonl", "--forward"],
    ]
    var all = ""
    for command in commands {
      let result = try Distill.run(command, in: model.folder.path)
      #expect(result.status == 0, "\(result.error)")
      all += result.output
    }
    #expect(all.contains("␛[31m"))
    for scalar in ["\u{1B}", "\u{7}", "\u{202E}"] as [Unicode.Scalar] {
      #expect(!all.unicodeScalars.contains(scalar))
    }
  }
}
