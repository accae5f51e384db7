import Foundation
import Primitives
import Tasks
import TestSupport
import Testing

/// The published files themselves, where they are on this machine.
@Suite(.enabled(if: SharedData.path != nil, "skipped: the shared data is not on this machine"))
struct RealDataTests {
  struct File: CustomTestStringConvertible, Sendable {
    let format: String
    let path: String
    /// From the data's README.
    let rows: Int
    /// How many of them the file gives the right answer for; all of them where nil.
    var labelled: Int?
    var fields: [String: String]?
    var testDescription: String { path }
  }

  private static let files = [
    File(format: "gsm8k", path: "gsm8k/test.jsonl", rows: 1319),
    File(format: "gsm8k", path: "gsm8k/train.first1000.jsonl", rows: 1000),
    File(format: "multiarith", path: "multiarith/MultiArith.300.json", rows: 300),
    File(format: "multiarith", path: "multiarith/test_180.json", rows: 180),
    File(format: "aqua-rat", path: "aqua_rat/test.json", rows: 254),
    File(format: "aqua-rat", path: "aqua_rat/dev.first127.json", rows: 127),
    File(format: "svamp", path: "svamp/SVAMP.500.json", rows: 500),
    File(format: "svamp", path: "svamp/svamp_test_300.json", rows: 300),
    File(format: "anli", path: "anli/r1_test.jsonl", rows: 1000),
    File(format: "anli", path: "anli/r1_dev.first300.jsonl", rows: 300),
    File(format: "anli", path: "anli/r2_test.rows1-200.jsonl", rows: 200),
    File(format: "conjnli", path: "conjnli/conj_dev.tsv", rows: 623),
    File(format: "conjnli", path: "conjnli/adversarial_train.first1000.tsv", rows: 1000),
    File(format: "conjnli", path: "conjnli/conj_test.first100.tsv", rows: 100, labelled: 0),
    File(format: "control", path: "control/test.jsonl", rows: 805),
    File(format: "control", path: "control/dev.first200.jsonl", rows: 200),
    File(format: "help", path: "help/leskexppmb_and.first800.tsv", rows: 800),
    File(format: "help", path: "help/leskexppmb_or.first200.tsv", rows: 200),
    File(format: "help", path: "help/v2018/conj_test.first50.tsv", rows: 50),
    File(format: "help", path: "help/v2018/upward_test.first50.tsv", rows: 50),
    File(format: "help", path: "help/v2018/downward_test.first50.tsv", rows: 50),
    File(format: "help", path: "help/v2018/disj_test.first50.tsv", rows: 50),
    File(format: "help", path: "help/logieval_help.first300.jsonl", rows: 300),
    File(format: "arc", path: "ai2_arc/ARC-Challenge-Test.jsonl", rows: 1150),
    File(format: "arc", path: "ai2_arc/numeric_labels.json", rows: 11),
    File(format: "commonsense-qa", path: "commonsense_qa/dev_rand_split.jsonl", rows: 1221),
    File(
      format: "commonsense-qa",
      path: "commonsense_qa/train_rand_split.first1000.jsonl",
      rows: 1000
    ),
    File(
      format: "commonsense-qa",
      path: "commonsense_qa/test_rand_split_no_answers.first50.jsonl",
      rows: 50,
      labelled: 0
    ),
    File(format: "qasc", path: "qasc/dev.qasc.json", rows: 926),
    File(format: "bbc-news", path: "bbc_news_summary/test.first60.csv", rows: 60),
    File(format: "gov-report", path: "govreport/gov_report_summ.first7.jsonl", rows: 7),
    File(
      format: "chain-of-density",
      path: "chain_of_density/summaries.first25.json",
      rows: 25
    ),
    File(format: "baize", path: "baize_format/quora_chat_data.json", rows: 96),
    File(
      format: "jsonl",
      path: "mt_bench/question.first40.jsonl",
      rows: 40,
      labelled: 0,
      fields: ["id": "question_id", "turns": "turns"]
    ),
    File(format: "medquad", path: "medquad/1_CancerGov_QA__0000001_1.xml", rows: 7),
    File(format: "medquad", path: "medquad/1_CancerGov_QA__0000001_2.xml", rows: 8),
    File(format: "medquad", path: "medquad/1_CancerGov_QA__0000001_3.xml", rows: 7),
    File(format: "medquad", path: "medquad/4_MPlus_Health_Topics_QA__0000001.xml", rows: 1),
    File(format: "medquad", path: "medquad/4_MPlus_Health_Topics_QA__0000002.xml", rows: 1),
    File(format: "medquad", path: "medquad/4_MPlus_Health_Topics_QA__0000003.xml", rows: 1),
    File(format: "medquad", path: "medquad/5_NIDDK_QA__0000001.xml", rows: 9),
    File(format: "medquad", path: "medquad/5_NIDDK_QA__0000002.xml", rows: 12),
    File(format: "medquad", path: "medquad/7_SeniorHealth_QA__0000001.xml", rows: 20),
    File(
      format: "medquad",
      path: "medquad/10_MPlus_ADAM_QA__0000001.xml",
      rows: 5,
      labelled: 0
    ),
    File(
      format: "alpaca",
      path: "model_outputs/alpaca_eval_llama3.1/405B.first120.json",
      rows: 120
    ),
    File(
      format: "alpaca",
      path: "model_outputs/alpaca_eval_llama3.1/70B.first120.json",
      rows: 120
    ),
    File(
      format: "alpaca",
      path: "model_outputs/alpaca_eval_llama3.1/8B.first120.json",
      rows: 120
    ),
    File(
      format: "alpaca",
      path: "model_outputs/human_cot_many_phrasings/aqua_train.first200.json",
      rows: 200
    ),
    File(
      format: "arc",
      path: "model_outputs/gemini_revthink/arc_challenge_test.first250.jsonl",
      rows: 250
    ),
    File(
      format: "arc",
      path: "model_outputs/gemini_revthink/arc_challenge_train.first150.jsonl",
      rows: 150
    ),
    File(
      format: "commonsense-qa",
      path: "model_outputs/gemini_revthink/commonsense_qa_test.first200.jsonl",
      rows: 200
    ),
    File(
      format: "anli",
      path: "model_outputs/gemini_revthink/anli_test.first200.jsonl",
      rows: 200
    ),
    File(
      format: "anli",
      path: "model_outputs/gemini_revthink/anli_train.first150.jsonl",
      rows: 150
    ),
  ]

  private static let root = SharedData.path ?? ""

  private func read(
    _ file: File,
    _ selection: DatasetSelection = DatasetSelection()
  ) throws -> [Record] {
    let fields = file.fields?.map { (task: $0.key, column: $0.value) }
    return try records("\(Self.root)/\(file.path)", file.format, fields: fields, selection)
  }

  private func first(_ path: String) throws -> String {
    let file = try #require(Self.files.first { $0.path == path })
    return line(try read(file, DatasetSelection(limit: 1)).first)
  }

  @Test(arguments: files) func everyFileHasTheRowsOfItsReadme(file: File) throws {
    let records = try read(file)
    #expect(records.count == file.rows)
    #expect(Set(records.map(\.id)).count == file.rows)
    #expect(records.count { $0.label?.isEmpty == false } == file.labelled ?? file.rows)
    let shuffled = try read(file, DatasetSelection(shuffle: 1))
    #expect(Set(shuffled.map(\.line)) == Set(records.map(\.line)))
  }

  @Test func labelsOfMathematicsAreNumbers() throws {
    for file in Self.files where ["gsm8k", "multiarith", "svamp"].contains(file.format) {
      for record in try read(file) {
        let label = try #require(record.label)
        #expect(Normalization.number(label) == label)
        let question = try #require(record["question"]?.string)
        #expect(Scalar.trimmed(question) == question || file.format == "gsm8k")
      }
    }
  }

  /// Fourteen GSM8K test answers are written with commas, two are negative.
  @Test func gsm8kLabelsLoseTheirCommas() throws {
    let records = try read(Self.files[0])
    let commas = records.filter { record in
      record["answer"]?.string?.split(separator: "#### ").last?.contains(",") == true
    }
    #expect(commas.count == 14)
    #expect(commas.contains { $0.label == "1450000" })
    #expect(records.count { $0.label?.hasPrefix("-") == true } == 2)
  }

  @Test func quotationMarksOfAnUnquotedFormatStay() throws {
    let path = "\(SharedData.path ?? "")/conjnli/adversarial_train.first1000.tsv"
    let premises = try records(path, "tsv").compactMap { $0["Premise"]?.string }
    #expect(premises.contains { $0.hasPrefix("Season eight of \"South Park\", an American") })
  }

  @Test func recordedAnswersMeetTheQuestionsTheyBelongTo() throws {
    let questions = Set(
      try read(Self.files[0]).compactMap { $0["question"]?.string }.map { Array($0.utf8) }
    )
    var met = 0
    let path = "\(RealData.outputs)/gsm8k_openai_gpt3/example_model_solutions.first660.jsonl"
    let source = RecordedAnswerSource(
      path: path,
      format: "jsonl",
      prompt: "question",
      text: "175b_verification.solution"
    )
    try RecordedAnswers.read(source) { answer in
      if questions.contains(Array(answer.key.utf8)) { met += 1 }
      #expect(!answer.text.isEmpty)
    }
    #expect(met == 660)
  }
}
