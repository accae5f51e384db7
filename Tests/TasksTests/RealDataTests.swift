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
    var label: String?
    var testDescription: String { path }
  }

  private static let files = [
    File(format: "gsm8k", path: "gsm8k/test.jsonl", rows: 1319),
    File(format: "gsm8k", path: "gsm8k/train.first1000.jsonl", rows: 1000),
    File(format: "multiarith", path: "multiarith/MultiArith.300.json", rows: 300),
    File(format: "multiarith", path: "multiarith/test_180.json", rows: 180),
    File(format: "tsv", path: "conjnli/conj_dev.tsv", rows: 623, label: "Label"),
    File(
      format: "tsv",
      path: "conjnli/adversarial_train.first1000.tsv",
      rows: 1000,
      label: "Label"
    ),
    File(format: "tsv", path: "help/leskexppmb_and.first800.tsv", rows: 800, label: "gold_label"),
    File(format: "csv", path: "bbc_news_summary/test.first60.csv", rows: 60, label: "categories"),
    File(format: "json", path: "svamp/svamp_test_300.json", rows: 300, label: "answer"),
    File(format: "jsonl", path: "aqua_rat/test.json", rows: 254, label: "correct"),
  ]

  private func read(
    _ file: File,
    _ selection: DatasetSelection = DatasetSelection()
  ) throws -> [Record] {
    let path = "\(SharedData.path ?? "")/\(file.path)"
    return try records(path, file.format, fields: file.label.map { [("label", $0)] }, selection)
  }

  @Test(arguments: files) func everyFileHasTheRowsOfItsReadme(file: File) throws {
    let records = try read(file)
    #expect(records.count == file.rows)
    #expect(Set(records.map(\.id)).count == file.rows)
    #expect(records.allSatisfy { $0.label?.isEmpty == false })
    let shuffled = try read(file, DatasetSelection(shuffle: 1))
    #expect(Set(shuffled.map(\.line)) == Set(records.map(\.line)))
  }

  @Test func labelsOfMathematicsAreNumbers() throws {
    for file in Self.files where file.format == "gsm8k" || file.format == "multiarith" {
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
