import Foundation
import Primitives
import TestSupport
import Testing

/// What a change reruns: exactly what depends on it, and `explain` says why.
@Suite("Reuse", .serialized)
struct ReuseTests {
  private static let train = 20
  private static let test = 10
  private let folder: TemporaryFolder

  /// A project with a template of its own in the place of `math/cot`, already run.
  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Arithmetic.rows(0..<Self.train), to: "train.jsonl")
    try folder.write(Arithmetic.rows(100..<100 + Self.test), to: "test.jsonl")
    try folder.write(Self.template(), to: "templates/math/cot.yaml")
    try folder.write(Self.workflow, to: "w.yaml")
    let first = try run()
    try #require(first.status == 0, "\(first.error)")
    try #require(first.calls("made") == 2 * (Self.train + Self.test))
  }

  private static let workflow = """
    models:
      teacher: {embedded: tiny-teacher}
    matrix:
      style: [vanilla, cot]
    nodes:
      train: {kind: dataset, format: jsonl, path: train.jsonl}
      test: {kind: dataset, format: jsonl, path: test.jsonl}
      prompt: {kind: select-template, use: "math/${style}"}
      answers: {kind: generate, model: teacher, template: prompt, data: train}
      labels: {kind: parse, completions: answers}
      training: {kind: substitute-labels, data: train, labels: labels, template: math/vanilla}
      score: {kind: evaluate, model: teacher, template: prompt, data: test}

    """

  private static func template(
    asking: String = "Think step by step.",
    answer: String = "number"
  ) -> String {
    """
    task: math
    messages:
      - role: user
        content: |-
          {{question}}

          \(asking)
          End with "The answer is" and the number.
    answer: {as: \(answer)}
    target: "{{label}}"
    max_tokens: 400

    """
  }

  private func run() throws -> Distill.Result {
    try Distill.run("run", "w.yaml", "--json", in: folder.path)
  }

  /// Instances that ran, less datasets and templates: reading those is part of planning.
  private func ran(_ result: Distill.Result) -> Set<String> {
    let preparing = ["dataset", "select-template"]
    let names = result.events.filter {
      $0["type"]?.string == "instance" && $0["status"]?.string == "ran"
        && !preparing.contains($0["kind"]?.string ?? "")
    }.compactMap { $0["instance"]?.string }
    return Set(names)
  }

  /// What `explain` says of an instance: its verdict and the lines of each change.
  private func explain(_ instance: String) throws -> (verdict: String?, changes: [String: [String]])
  {
    let result = try Distill.run("explain", "w.yaml", instance, "--json", in: folder.path)
    let entry = try #require(result.summary["instances"]?.array?.first)
    let changes = (entry["changes"]?.array ?? []).map { change in
      (change["name"]?.string ?? "", change["lines"]?.array?.compactMap(\.string) ?? [])
    }
    return (entry["verdict"]?.string, Dictionary(uniqueKeysWithValues: changes))
  }

  @Test("a reworded template reruns its dependents, and nothing else; the changed lines are named")
  func rewordedTemplate() throws {
    try folder.write(Self.template(asking: "Think it over."), to: "templates/math/cot.yaml")
    let lines = [
      "- messages[0].content: Think step by step.", "+ messages[0].content: Think it over.",
    ]
    let before = try explain("answers@cot")
    #expect(before.verdict == "would run")
    #expect(before.changes == ["template": lines])
    #expect(try explain("answers@vanilla").verdict == "cached")

    let second = try run()
    #expect(second.status == 0, "\(second.error)")
    #expect(ran(second) == ["answers@cot", "labels@cot", "training@cot", "score@cot"])
    #expect(second.calls("made") == Self.train + Self.test)

    let after = try explain("answers@cot")
    #expect(after.verdict == "cached")
    #expect(after.changes == ["template": lines])
    #expect(try explain("answers@vanilla").changes.isEmpty)

    // Back to the old words: all of it is known still.
    try folder.write(Self.template(), to: "templates/math/cot.yaml")
    let third = try run()
    #expect(ran(third).isEmpty)
    #expect(third.calls("made") == 0)
  }

  @Test("another reading of the answers reruns no generate and makes no call")
  func changedReading() throws {
    try folder.write(Self.template(answer: "text"), to: "templates/math/cot.yaml")
    let before = try explain("labels@cot")
    #expect(before.verdict == "would run")
    #expect(before.changes == ["reading": ["- as: number", "+ as: text"]])
    #expect(try explain("answers@cot").verdict == "cached")

    let second = try run()
    #expect(second.status == 0, "\(second.error)")
    #expect(ran(second) == ["labels@cot", "training@cot", "score@cot"])
    #expect(second.calls("made") == 0)
    #expect(try explain("labels@cot").changes == ["reading": ["- as: number", "+ as: text"]])
  }

  @Test("touched files and new comments rerun nothing")
  func touchedFiles() throws {
    for name in ["train.jsonl", "test.jsonl", "templates/math/cot.yaml", "w.yaml"] {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_000_000)],
        ofItemAtPath: "\(folder.path)/\(name)"
      )
    }
    let touched = try run()
    #expect(touched.count("ran") == 0)
    #expect(touched.calls("made") == 0)

    try folder.write("# A comment.\n" + Self.workflow, to: "w.yaml")
    try folder.write("# A comment.\n" + Self.template(), to: "templates/math/cot.yaml")
    let commented = try run()
    #expect(ran(commented).isEmpty)
    #expect(commented.calls("made") == 0)
  }

  @Test("more rows make calls for these only")
  func moreRows() throws {
    try folder.write(Arithmetic.rows(0..<Self.train + 5), to: "train.jsonl")
    let second = try run()
    #expect(second.status == 0, "\(second.error)")
    #expect(
      ran(second) == [
        "answers@cot", "labels@cot", "training@cot", "answers@vanilla", "labels@vanilla",
        "training@vanilla",
      ]
    )
    #expect(second.calls("made") == 2 * 5)
    #expect(second.calls("reused") == 2 * Self.train)
  }
}
