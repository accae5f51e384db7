import Foundation
import Primitives
import Tasks
import TestSupport

/// A recorded answer of a published model, with the verdict that was recorded with it if there is one.
struct JudgedAnswer {
  let name: String
  let text: String
  /// The right answer as the data gives it.
  let gold: String
  /// Texts of the choices, where the question has any.
  var choices: [String] = []
  var verdict: Bool?

  /// The answer's row, as a reader would give it.
  var record: Record {
    let fields: [(key: String, value: JSON)] =
      choices.isEmpty ? [] : [("choices", .array(choices.map(JSON.string)))]
    return Record(id: name, fields: JSONObject(fields), label: gold)
  }

  /// How a reading judges it.
  func result(_ reading: Reading) -> RowResult {
    let answer = reading.read(text, for: record)
    return RowResult.judge(
      record,
      answer: answer.value,
      readingsAgree: answer.agrees,
      text: text,
      promptTokens: nil,
      completionTokens: nil,
      reading: reading
    )
  }
}

/// The recorded answers under the shared data.
enum RealData {
  static let folder = SharedData.path ?? ""
  static let outputs = folder + "/model_outputs"

  private static func json(_ path: String) throws -> JSON {
    try JSON(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  /// A member as text, whatever its type.
  private static func text(_ json: JSON?) -> String { json.flatMap(Scalar.text) ?? "" }

  /// OpenAI's four GPT-3 solutions to each GSM8K question, judged by OpenAI.
  static func openAIOnGSM8K() throws -> [JudgedAnswer] {
    let path = "\(outputs)/gsm8k_openai_gpt3/example_model_solutions.first660.jsonl"
    var answers: [JudgedAnswer] = []
    for record in try records(path, "jsonl") {
      let truth = record["ground_truth"]?.string ?? ""
      let gold = truth.split(separator: "A: ").last.map(String.init) ?? ""
      for model in ["6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"] {
        guard let entry = record[model], let text = entry["solution"]?.string,
          let verdict = entry["is_correct"]?.bool
        else { continue }
        answers.append(
          JudgedAnswer(name: "\(record.id) \(model)", text: text, gold: gold, verdict: verdict)
        )
      }
    }
    return answers
  }

  /// Ten models on ARC (`arc-challenge.first131`) or GSM8K (`gsm8k.first136`), judged by RealCritic.
  static func realCritic(_ file: String) throws -> [JudgedAnswer] {
    try records("\(outputs)/realcritic_mixed_models/\(file).jsonl", "jsonl").map { record in
      JudgedAnswer(
        name: text(record["idx"]),
        text: text(record["reasoning"]),
        gold: text(record["gt"]),
        choices: record["choices"]?["text"]?.array?.map(text) ?? [],
        verdict: record["previous_score"]?.array?.first?.bool
      )
    }
  }

  /// GPT-4 on CommonSense QA and WorldTree, judged by ThoughtSource: the whole chain of thought.
  static func thoughtSource() throws -> [JudgedAnswer] {
    let sets = try json("\(outputs)/gpt-4_thoughtsource/csqa_worldtree.rows1-50.json")
    let items = (sets.object?.members ?? []).flatMap { $0.value.object?.members ?? [] }
      .flatMap { $0.value.array ?? [] }
    return items.flatMap { item -> [JudgedAnswer] in
      (item["generated_cot"]?.array ?? []).map { chain in
        JudgedAnswer(
          name: text(item["id"]),
          text: text(chain["cot"]),
          gold: text(item["answer"]?.array?.first),
          choices: item["choices"]?.array?.map(text) ?? [],
          verdict: chain["answers"]?.array?.first?["correct_answer"]?.bool
        )
      }
    }
  }

  /// text-davinci-003 with Plan-and-Solve prompts, judged by a second call that is not recorded.
  static func planAndSolve(_ file: String) throws -> [JudgedAnswer] {
    let items = try json("\(outputs)/plan_and_solve_text-davinci-003/\(file).json").array ?? []
    return items.map { item in
      JudgedAnswer(
        name: text(item["ID"]),
        text: text(item["chain-of-thought"]),
        gold: text(item["answer"]),
        choices: offered(text(item["question"])),
        verdict: item["ans"]?.bool
      )
    }
  }

  /// PaLM on the first rows of ANLI's test set; each completion runs on into invented questions.
  static func palmOnANLI() throws -> [JudgedAnswer] {
    let texts = try json("\(outputs)/palm540b_distilling_step_by_step/anli1_test_CoT.first500.json")
    let labels = ["entailment", "neutral", "contradiction"]
    let rows = try records("\(folder)/anli/r1_test.jsonl", "jsonl", fields: [("gold", "label")])
    return zip(texts.array ?? [], rows).map { completion, row in
      let gold = row["gold"]?.int.flatMap { labels.indices.contains($0) ? labels[$0] : nil }
      return JudgedAnswer(name: row.id, text: text(completion), gold: gold ?? text(row["gold"]))
    }
  }

  /// PaLM on CommonSense QA, whose right answers are given as texts.
  static func palmOnCommonSenseQA() throws -> [JudgedAnswer] {
    let folder = "\(outputs)/palm540b_distilling_step_by_step"
    let texts = try json("\(folder)/cqa_test_CoT.first300.json")
    let rows = try records("\(folder)/cqa_test_gold.first300.jsonl", "jsonl")
    return zip(texts.array ?? [], rows).map { completion, row in
      JudgedAnswer(
        name: row.id,
        text: text(completion),
        gold: text(row["answer"]),
        choices: row["choices"]?.array?.map(text) ?? []
      )
    }
  }

  /// The articles with GPT-4's five ever denser summaries, as the model wrote them.
  static func chainOfDensity() throws -> [(article: String, output: JSON, densities: [Double])] {
    let items = try json("\(folder)/chain_of_density/summaries.first25.json").array ?? []
    return items.map { item in
      (
        text(item["article"]), item["gpt_summary"] ?? .null,
        item["entity_density"]?.array?.compactMap(\.number) ?? []
      )
    }
  }

  /// A log of text-davinci-002 by Kojima et al., judged by comparing `pred_mode` with `GT`.
  static func kojima(_ log: String) throws -> [JudgedAnswer] {
    let text = try String(
      contentsOfFile: "\(outputs)/kojima_text-davinci-002/\(log)",
      encoding: .utf8
    )
    var answers: [JudgedAnswer] = []
    for block in text.components(separatedBy: "\nQ: ").dropFirst() {
      guard let start = block.range(of: "\nA: "), let end = block.range(of: "\npred_before : "),
        let mode = line(after: "\npred_mode : ", in: block),
        let gold = line(after: "\nGT : ", in: block)
      else { continue }
      answers.append(
        JudgedAnswer(
          name: String(answers.count + 1),
          text: String(block[start.upperBound..<end.lowerBound]),
          gold: gold,
          choices: offered(String(block[..<start.lowerBound])),
          verdict: mode == gold
        )
      )
    }
    return answers
  }

  /// The choices of a question that lists them as `Answer Choices: (A) this (B) that`.
  private static func offered(_ question: String) -> [String] {
    guard let list = question.range(of: "Answer Choices:") else { return [] }
    var choices: [String] = []
    var rest = question[list.upperBound...]
    for letter in ["A", "B", "C", "D", "E", "F", "G", "H"] {
      guard let start = rest.range(of: "(\(letter)) ") else { break }
      if !choices.isEmpty { choices[choices.count - 1] = String(rest[..<start.lowerBound]) }
      rest = rest[start.upperBound...]
      choices.append(String(rest))
    }
    return choices.map { Scalar.trimmed($0) }
  }

  private static func line(after mark: String, in text: String) -> String? {
    guard let range = text.range(of: mark) else { return nil }
    return text[range.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
      .first.map(String.init)
  }
}
