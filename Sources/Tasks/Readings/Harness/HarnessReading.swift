import Primitives

/// Finds answers exactly as a published harness does, defects included, so that a figure can be
/// compared with figures that were made with it.
///
/// Each does what its harness's own code does, with the same patterns; `Tests/Peers/harness-filters.sh`
/// runs that code beside these. There is one way of reading in each, so strict and flexible are the
/// same. The name of each case is what `as:` gives.
enum HarnessReading: String, CaseIterable, Sendable {
  /// grade-school-math, `dataset.py`.
  case gradeSchoolMath = "grade-school-math"
  /// zero_shot_cot, `utils.py`, the methods `few_shot…`.
  case fewShotCoTChoice = "few-shot-cot-choice"
  case fewShotCoTNumber = "few-shot-cot-number"
  /// Inspect, `scorer/_answer.py`.
  case inspectAnswerLetter = "inspect-answer-letter"
  case inspectAnswerLine = "inspect-answer-line"
  case inspectAnswerWord = "inspect-answer-word"
  /// lm-evaluation-harness, `tasks/gsm8k/gsm8k-cot.yaml`, filter `strict-match`.
  case lmEvalGSM8KCoTStrict = "lm-eval-gsm8k-cot-strict"
  /// `tasks/gsm8k`, filter `flexible-extract` of both tasks.
  case lmEvalGSM8KFlexible = "lm-eval-gsm8k-flexible"
  /// `tasks/gsm8k/gsm8k.yaml`, filter `strict-match`.
  case lmEvalGSM8KStrict = "lm-eval-gsm8k-strict"
  /// `tasks/mmlu_pro`, filter `custom-extract`.
  case lmEvalMMLUPro = "lm-eval-mmlu-pro"
  /// `tasks/mmlu/flan_cot_zeroshot`, filter `flexible-extract`; also that of GPQA.
  case lmEvalMultipleChoice = "lm-eval-multiple-choice"
  /// NeMo-Skills, `math_grader.py`, `extract_answer` with `relaxed`.
  case nemoSkillsBoxed = "nemo-skills-boxed"
  /// NeMo-Skills, `evaluator/mcq.py`.
  case nemoSkillsLetter = "nemo-skills-letter"
  /// zero_shot_cot, `utils.py`, the methods `zero_shot…`.
  case zeroShotCoTChoice = "zero-shot-cot-choice"
  case zeroShotCoTNumber = "zero-shot-cot-number"

  func read(_ text: String, for record: Record?) -> ReadAnswer {
    // A rule that finds an empty text (`#### ,` without its comma) has found no answer.
    let answer = found(Array(text.unicodeScalars), record).flatMap { $0.isEmpty ? nil : $0 }
    return ReadAnswer(strict: answer, flexible: answer, equal: UTF8Order.equal)
  }

  /// One line for the reference.
  var summary: String {
    switch self {
    case .gradeSchoolMath: "as grade-school-math: the first '#### 18', commas dropped"
    case .fewShotCoTChoice:
      "as zero_shot_cot's few-shot methods: the first letter A to E behind 'The answer is'"
    case .fewShotCoTNumber:
      "as zero_shot_cot's few-shot methods: the first number behind 'The answer is'"
    case .inspectAnswerLetter: "as Inspect: the letter behind the last 'ANSWER:'"
    case .inspectAnswerLine: "as Inspect: the text's last line, behind 'ANSWER:'"
    case .inspectAnswerWord: "as Inspect: the word that ends the line of the last 'ANSWER:'"
    case .lmEvalGSM8KCoTStrict: "as lm-eval's gsm8k_cot: the first 'The answer is 18.'"
    case .lmEvalGSM8KFlexible: "as lm-eval's gsm8k: the last run of digits, '$', '.' and ','"
    case .lmEvalGSM8KStrict: "as lm-eval's gsm8k: the first '#### 18'"
    case .lmEvalMMLUPro: "as lm-eval's mmlu_pro: the first 'answer is (B)'"
    case .lmEvalMultipleChoice:
      "as lm-eval's flan MMLU: the last '(B)', else a choice's text, else ': B'"
    case .nemoSkillsBoxed: "as NeMo-Skills: the last '\\boxed{…}', else 'The final answer is …'"
    case .nemoSkillsLetter: "as NeMo-Skills: the letter in the last box, else behind 'Answer:'"
    case .zeroShotCoTChoice: "as zero_shot_cot: the first letter A to E"
    case .zeroShotCoTNumber: "as zero_shot_cot: the first number"
    }
  }
}
