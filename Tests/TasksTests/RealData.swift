import Foundation
import Primitives
import Tasks
import TestSupport

/// Recorded answers of published models with the verdict that was recorded with them.
struct JudgedAnswer {
  let name: String
  let text: String
  let gold: String
  let verdict: Bool
}

/// The recorded answers under the shared data that come with a verdict.
enum RealData {
  static let outputs = (SharedData.path ?? "") + "/model_outputs"

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
          verdict: mode == gold
        )
      )
    }
    return answers
  }

  private static func line(after mark: String, in text: String) -> String? {
    guard let range = text.range(of: mark) else { return nil }
    return text[range.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
      .first.map(String.init)
  }
}
