import Foundation
import Primitives
import TestSupport
import Testing

/// Answers that others recorded, scored by whole workflows against the verdicts recorded with them.
///
/// The data is not part of the project; where it is not at hand, one line says so.
@Suite(
  .enabled(if: SharedData.path != nil, "the shared data is not here: recorded answers skipped")
)
struct RecordedAnswersTests {
  private let folder: TemporaryFolder
  private let data: String

  init() throws {
    folder = try TemporaryFolder()
    data = try #require(SharedData.path)
  }

  /// The accuracy figures of an evaluation in the last run.
  private func figures(_ instance: String) throws -> (value: Double, n: Int) {
    let shown = try Distill.run("show", "last", instance, "--json", in: folder.path)
    let accuracy = shown.summary["metrics"]?["accuracy"]
    return (
      try #require(accuracy?["figures"]?["all"]?["value"]?.number),
      try #require(accuracy?["n"]?.int)
    )
  }

  /// Every row's verdict of an evaluation in the last run, by id.
  private func verdicts(_ instance: String) throws -> [String: String] {
    let got = try Distill.run("get", "last", instance, "--part", "rows", in: folder.path)
    var verdicts: [String: String] = [:]
    for row in got.events { verdicts[row["id"]?.string ?? ""] = row["state"]?.string }
    return verdicts
  }

  @Test func solutionsOfGPT3OnGSM8KScoreAsOpenAIRecorded() throws {
    let answers = "\(data)/model_outputs/gsm8k_openai_gpt3/example_model_solutions.first660.jsonl"
    let solvers = ["6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"]
    let points = solvers.map { "    \(name($0)): {column: \($0).solution}" }
    try folder.write(
      """
      matrix:
        solver:
      \(points.joined(separator: "\n"))
      nodes:
        test: {kind: dataset, format: gsm8k, path: "\(data)/gsm8k/test.jsonl", limit: 660}
        recorded: {kind: import-completions, format: jsonl, path: "\(answers)", data: test, prompt: question, text: "${solver.column}"}
        labels: {kind: parse, completions: recorded, as: number}
        scores: {kind: evaluate, of: labels, as: number}
      """,
      to: "w.yaml"
    )
    let run = try Distill.run("run", "w.yaml", in: folder.path)
    #expect(run.status == 0, "\(run.error)")

    let rows = try String(contentsOfFile: answers, encoding: .utf8).split(separator: "\n")
      .map { try JSON(parsing: Array($0.utf8)) }
    #expect(rows.count == 660)
    for solver in solvers {
      let right = rows.count { $0[solver]?["is_correct"]?.bool == true }
      let figures = try figures("scores@\(name(solver))")
      #expect(figures.n == 660)
      #expect(figures.value == Double(right) / 660, "\(solver)")
    }
  }

  private func name(_ solver: String) -> String {
    "s" + solver.replacing("_", with: "-")
  }

  @Test(arguments: ["multiarith_zero_shot", "multiarith_zero_shot_cot"])
  func logsOfTextDavinci002OnMultiArithScoreAsRecorded(log: String) throws {
    let path = "\(data)/model_outputs/kojima_text-davinci-002/\(log).first150.log"
    let entries = DavinciLog.entries(try String(contentsOfFile: path, encoding: .utf8))
    #expect(entries.count == 150)
    try folder.write(entries.map(\.dataLine).joined(), to: "test.jsonl")
    try folder.write(entries.map(\.answerLine).joined(), to: "answers.jsonl")
    try folder.write(
      """
      nodes:
        test: {kind: dataset, format: jsonl, path: test.jsonl}
        recorded: {kind: import-completions, format: jsonl, path: answers.jsonl, data: test, id: id}
        labels: {kind: parse, completions: recorded, as: number}
        scores: {kind: evaluate, of: labels, as: number}
      """,
      to: "w.yaml"
    )
    let run = try Distill.run("run", "w.yaml", in: folder.path)
    #expect(run.status == 0, "\(run.error)")
    let verdicts = try verdicts("scores")
    let differing = entries.filter { entry in
      (verdicts[entry.id] == "correct") != entry.isRecordedAsRight
    }
    #expect(differing.map(\.id) == [])
  }

  @Test func theTinyTeacherOnTheRealMultiArithTest() throws {
    try folder.write(
      """
      models: {teacher: {embedded: tiny-teacher}}
      nodes:
        test: {kind: dataset, format: json, path: "\(data)/multiarith/test_180.json", fields: {question: problem, label: solution}}
        scores: {kind: evaluate, model: teacher, template: math/cot, data: test}
      """,
      to: "w.yaml"
    )
    let run = try Distill.run("run", "w.yaml", in: folder.path)
    #expect(run.status == 0, "\(run.error)")
    let figures = try figures("scores")
    #expect(figures.n == 180)
    // It knows one family of problems made by us; on others it is all but lost, and the figure is
    // reported as it is.
    #expect(figures.value < 0.5)
    print("tiny-teacher with math/cot on MultiArith's test rows: \(figures.value * 100) % of 180")
  }
}

/// The published log format of the zero-shot experiments: a block a question, ended by its verdict.
private enum DavinciLog {
  struct Entry {
    let id: String
    let question: String
    let completion: String
    let gold: String
    let isRecordedAsRight: Bool

    var dataLine: String {
      let row: JSON = [
        "id": .string(id), "question": .string(question), "label": .string(gold),
      ]
      return row.canonicalText + "\n"
    }

    var answerLine: String {
      let row: JSON = ["id": .string(id), "text": .string(completion)]
      return row.canonicalText + "\n"
    }
  }

  static func entries(_ log: String) -> [Entry] {
    let blocks = log.components(separatedBy: "\nQ: ").dropFirst()
    return blocks.enumerated().compactMap { index, block in
      guard let question = block.components(separatedBy: "\nA:").first,
        let completion = field("pred_before", in: block),
        let mode = field("pred_mode", in: block), let gold = field("GT", in: block)
      else { return nil }
      return Entry(
        id: "row-\(index + 1)",
        question: question,
        completion: completion,
        gold: gold,
        isRecordedAsRight: mode == gold
      )
    }
  }

  /// What stands behind `name :` up to the next field; it may run over several lines.
  private static func field(_ name: String, in block: String) -> String? {
    guard let start = block.range(of: "\n\(name) : ") else { return nil }
    let rest = block[start.upperBound...]
    let ends = ["\npred_", "\nGT : ", "\n***"].compactMap { rest.range(of: $0)?.lowerBound }
    return rest[..<(ends.min() ?? rest.endIndex)].trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
