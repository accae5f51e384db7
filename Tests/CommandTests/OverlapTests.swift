import Foundation
import Primitives
import TestSupport
import Testing

/// Rows that a workflow both learns from and scores, as `check`, `plan` and `run` tell of them.
@Suite("Overlap")
struct OverlapTests {
  private static let head = """
    models:
      teacher: {embedded: tiny-teacher}
      student: {embedded: tiny-student}
    nodes:
      train: {kind: dataset, format: jsonl, path: train.jsonl}
      test: {kind: dataset, format: jsonl, path: test.jsonl}

    """

  private static let training = """
      answers: {kind: generate, model: teacher, template: math/cot, data: train}
      labels: {kind: parse, completions: answers}
      training: {kind: substitute-labels, data: train, labels: labels, template: math/vanilla}
      tuned: {kind: fine-tune, model: student, data: training}

    """

  private static let score =
    "  score: {kind: evaluate, model: tuned, template: math/vanilla, data: test"

  /// Rows about the numbers of a range; ids and labels say which file they are of.
  private static func rows(_ numbers: Range<Int>, _ file: String) -> String {
    numbers.map {
      #"{"id":"\#(file)\#($0)","question":"what is \#($0)?","label":"\#($0)"}"# + "\n"
    }.joined()
  }

  /// A folder with a workflow whose training rows are 0 to 9.
  private static func folder(_ nodes: String, test: Range<Int> = 8..<20) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(head + nodes + "\n", to: "w.yaml")
    try folder.write(rows(0..<10, "a"), to: "train.jsonl")
    try folder.write(rows(test, "b"), to: "test.jsonl")
    return folder
  }

  /// What `check` says of shared rows, each problem as `severity: message`.
  private static func check(_ nodes: String, test: Range<Int> = 8..<20) throws -> [String] {
    let folder = try folder(nodes, test: test)
    let result = try Distill.run(
      "check",
      "w.yaml",
      "--cache",
      "\(folder.path)/none",
      in: folder.path
    )
    let found = result.error.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^w\.yaml:\d+:\d+: ((?:error|warning): \d+ of the .*)/).map {
        String($0.1)
      }
    }
    #expect(result.status == (found.contains { $0.hasPrefix("error") } ? 2 : 0), "\(result.error)")
    return found
  }

  @Test("a scored row among the training rows is an error with counts and the first ids")
  func error() throws {
    #expect(
      try Self.check(Self.training + Self.score + "}") == [
        "error: 2 of the 12 rows of 'test' are in 'train' too, which the model that 'score' scores "
          + "was trained on; the first is 'b8', there 'a8'"
      ]
    )
  }

  @Test("it is a warning where it is allowed")
  func allowed() throws {
    let found = try Self.check(Self.training + Self.score + ", allow_overlap: true}")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("warning: 2 of the 12 rows of 'test' are in 'train'") == true)
  }

  @Test("nothing is said where no row is shared, or the model was not trained on the rows")
  func none() throws {
    #expect(try Self.check(Self.training + Self.score + "}", test: 10..<20) == [])
    let untrained = "  fit: {kind: evaluate, model: teacher, template: math/cot, data: train}"
    #expect(try Self.check(Self.training + untrained) == [])
  }

  @Test("completions of a tuned model are held against its training, too")
  func completions() throws {
    let found = try Self.check(
      Self.training + """
          new: {kind: generate, model: tuned, template: math/vanilla, data: test}
          score: {kind: evaluate, of: new}
        """
    )
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("error: 2 of the 12 rows of 'test' are in 'train'") == true)
  }

  @Test("rows by which something was chosen, and examples, are warned of")
  func warnings() throws {
    let found = try Self.check(
      """
        best: {kind: tune, model: teacher, template: math/cot, data: train, grid: {temperature: 0}}
        shots: {kind: select-template, use: math/cot, examples: {data: train, rows: 2}}
        one: {kind: evaluate, model: teacher, template: math/cot, decoding: best, data: test}
        two: {kind: evaluate, model: teacher, template: shots, data: test}
      """
    )
    #expect(
      found == [
        "warning: 2 of the 12 rows of 'test' are in 'train' too, on which 'best' was tuned, and "
          + "scored by 'one'; the first is 'b8', there 'a8'",
        "warning: 2 of the 12 rows of 'test' are in 'train' too, from which 'shots' takes its "
          + "examples, and scored by 'two'; the first is 'b8', there 'a8'",
      ]
    )
  }

  @Test(
    "training rows that something was tuned on are warned of; a training's validation is tuning"
  )
  func tuning() throws {
    let found = try Self.check(
      """
        best: {kind: tune, model: teacher, template: math/cot, data: test, grid: {temperature: 0}}
        answers: {kind: generate, model: teacher, template: math/cot, decoding: best, data: train}
        labels: {kind: parse, completions: answers}
        training: {kind: substitute-labels, data: train, labels: labels, template: math/vanilla}
        tuned: {kind: fine-tune, model: student, data: training}
      """
    )
    #expect(
      found == [
        "warning: 2 of the 12 rows of 'test' are in 'train' too, which 'training' trains on, and "
          + "'best' was tuned on; the first is 'b8', there 'a8'"
      ]
    )
    let watched = try Self.check(
      Self.training + """
          others: {kind: generate, model: teacher, template: math/cot, data: test}
          more: {kind: parse, completions: others}
          checking: {kind: substitute-labels, data: test, labels: more, template: math/vanilla}
          watched: {kind: fine-tune, model: student, data: training, validation: checking}
          score: {kind: evaluate, model: watched, template: math/vanilla, data: test}
        """,
      test: 10..<20
    )
    #expect(
      watched == [
        "warning: 10 of the 10 rows of 'test' are those on which 'watched' was tuned, and scored "
          + "by 'score'; the first is 'b10'"
      ]
    )
  }

  @Test("a run refuses before it sends anything, and says the same as plan")
  func run() throws {
    let folder = try Self.folder(Self.training + Self.score + "}")
    for command in ["plan", "run"] {
      let result = try Distill.run(command, "w.yaml", "--cache", "cache", in: folder.path)
      #expect(result.status == 2)
      #expect(result.error.contains("error: 2 of the 12 rows of 'test' are in 'train' too"))
    }
    let calls = try Distill.run("calls", "--cache", "cache", "--json", in: folder.path)
    #expect(!calls.output.contains("\"key\""), "\(calls.output)")
  }

  @Test("the points of a matrix are told of once")
  func matrix() throws {
    let found = try Self.check(
      """
        answers: {kind: generate, model: teacher, template: math/cot, data: train}
        labels: {kind: parse, completions: answers}
        training: {kind: substitute-labels, data: train, labels: labels, template: math/vanilla}
        tuned: {kind: fine-tune, model: student, data: training, seed: "${seed}"}
        score: {kind: evaluate, model: tuned, template: math/vanilla, data: test}
      matrix: {seed: [1, 2, 3]}
      """
    )
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("(and so at 2 more points of the matrix)") == true)
  }
}
