import Foundation
import Primitives
import Tasks
import TestSupport
import Testing

/// What the published files hold, where they are on this machine: peculiarities and one digest each.
@Suite(.enabled(if: SharedData.path != nil, "skipped: the shared data is not on this machine"))
struct RealDataGoldenTests {
  private static let root = SharedData.path ?? ""

  private func all(_ path: String, _ format: String) throws -> [Record] {
    try records("\(Self.root)/\(path)", format)
  }

  /// Texts of the sets stay out of the project; the digest of each first record's line stands for
  /// it, and a changed one under an unchanged version of the reader would change results unseen.
  @Test(arguments: golden) func theFirstRecordIsPinned(
    path: String,
    format: String,
    digest: String
  ) throws {
    #expect(DatasetReaders.named(format)?.version == 1)
    let record = try #require(
      try records("\(Self.root)/\(path)", format, DatasetSelection(limit: 1)).first
    )
    #expect(Digest(of: line(record)).hex.prefix(16) == digest)
  }

  private static let golden = [
    ("gsm8k/test.jsonl", "gsm8k", "9f9b91b3ab839587"),
    ("multiarith/MultiArith.300.json", "multiarith", "c7595f49fa79d02b"),
    ("multiarith/test_180.json", "multiarith", "d5c8812eba873931"),
    ("aqua_rat/test.json", "aqua-rat", "7a8a71a945d37d38"),
    ("svamp/SVAMP.500.json", "svamp", "c60ca4e5f3600c12"),
    ("svamp/svamp_test_300.json", "svamp", "793912dc39f77717"),
    ("anli/r1_test.jsonl", "anli", "91977ecb6a386902"),
    ("anli/r2_test.rows1-200.jsonl", "anli", "35be9718d37b57b9"),
    ("conjnli/conj_dev.tsv", "conjnli", "14e1b4862cfdbefd"),
    ("conjnli/conj_test.first100.tsv", "conjnli", "b009534b6d3f1978"),
    ("control/test.jsonl", "control", "36f93b4216ef07fa"),
    ("help/leskexppmb_and.first800.tsv", "help", "7dd409c6a2a32090"),
    ("help/v2018/downward_test.first50.tsv", "help", "f46b066ad25ae426"),
    ("help/logieval_help.first300.jsonl", "help", "3840c0fdcfeff0e8"),
    ("ai2_arc/ARC-Challenge-Test.jsonl", "arc", "7327cc50ae93bea5"),
    ("ai2_arc/numeric_labels.json", "arc", "88c375d6736b6375"),
    ("commonsense_qa/dev_rand_split.jsonl", "commonsense-qa", "0440ef31b74d6ef3"),
    ("qasc/dev.qasc.json", "qasc", "cb137e71c8097fe8"),
    ("bbc_news_summary/test.first60.csv", "bbc-news", "bc642957e801bb0b"),
    ("govreport/gov_report_summ.first7.jsonl", "gov-report", "5960b4a18dc525e0"),
    ("chain_of_density/summaries.first25.json", "chain-of-density", "54b99e60a272fcb1"),
    ("baize_format/quora_chat_data.json", "baize", "228f9ee333502ebd"),
    ("medquad/5_NIDDK_QA__0000001.xml", "medquad", "fd17a915a109c2e5"),
    ("model_outputs/alpaca_eval_llama3.1/405B.first120.json", "alpaca", "31ed3e33101f7ade"),
  ]

  @Test func newsAreAFolderWithOneByteOfLatin1() throws {
    let (records, counts) = try folderRecords("\(Self.root)/bbc_news", "bbc-news")
    #expect(records.count == 101)
    #expect(counts.ignoredNames == ["README.TXT"])
    #expect(counts.latin1Places == ["data/sport/199.txt:5:176"])
    let odd = try #require(records.first { $0.id == "sport/199" }?["document"]?.string)
    #expect(odd.contains("a £15.8m signing"))
    #expect(records.count { $0["category"] == "sport" } == 21)
  }

  /// Every document of every source in one dataset; the numbers of documents repeat.
  @Test func healthQuestionsAreAFolder() throws {
    let (records, counts) = try folderRecords("\(Self.root)/medquad", "medquad")
    #expect(records.count == 71)
    #expect(counts.unlabelled == 5)
    #expect(Set(records.map(\.id)).count == 71)
    let label = try #require(records.first { $0.id == "MPlusHealthTopics/0000002-1" }?.label)
    #expect(label.contains("Severe pain doesn't always mean"))
    #expect(records.allSatisfy { $0.label?.contains("  ") != true })
  }

  /// The digits 1 to 4 are places among the choices, whatever letter would be so far from A.
  @Test func digitsBecomeLetters() throws {
    let records = try all("ai2_arc/numeric_labels.json", "arc")
    #expect(
      records.compactMap(\.label) == ["B", "D", "B", "C", "B", "B", "C", "B", "C", "D", "A"]
    )
    #expect(records.map { $0["choices"]?.array?.count } == [4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4])
  }

  @Test func choicesAreThreeToEight() throws {
    let arc = try all("ai2_arc/ARC-Challenge-Test.jsonl", "arc")
    let counts = Dictionary(grouping: arc) { $0["choices"]?.array?.count ?? 0 }
      .mapValues(\.count)
    #expect(counts == [3: 3, 4: 1144, 5: 3])
    let qasc = try all("qasc/dev.qasc.json", "qasc")
    #expect(qasc.allSatisfy { $0["choices"]?.array?.count == 8 })
  }

  /// Texts of options lose their own letters only; eight rows have two of one text.
  @Test func optionsLoseTheirPrefixes() throws {
    let records = try all("aqua_rat/test.json", "aqua-rat")
    let choices = records.compactMap { $0["choices"]?.array?.compactMap(\.string) }
    #expect(choices.allSatisfy { $0.count == 5 })
    #expect(choices[0] == ["5(√3 + 1)", "6(√3 + √2)", "7(√3 – 1)", "8(√3 – 2)", "None of these"])
    let more = try all("aqua_rat/dev.first127.json", "aqua-rat")
      .compactMap { $0["choices"]?.array?.compactMap(\.string) }
    #expect((choices + more).count { Set($0).count < 5 } == 8)
  }

  /// The labels of each set, counted with another program.
  @Test func labelsOfInferenceAreWords() throws {
    func labels(_ path: String, _ format: String) throws -> [String: Int] {
      Dictionary(grouping: try all(path, format)) { $0.label ?? "" }.mapValues(\.count)
    }
    #expect(
      try labels("anli/r1_test.jsonl", "anli")
        == ["entailment": 334, "neutral": 333, "contradiction": 333]
    )
    #expect(
      try labels("conjnli/conj_dev.tsv", "conjnli")
        == ["entailment": 204, "neutral": 281, "contradiction": 138]
    )
    #expect(
      try labels("control/test.jsonl", "control")
        == ["entailment": 327, "neutral": 236, "contradiction": 242]
    )
    #expect(
      try labels("help/logieval_help.first300.jsonl", "help")
        == ["entailment": 162, "neutral": 138]
    )
  }

  /// The paper shortened documents to 4,000 words; two of these reports are longer.
  @Test func longReportsAreCut() throws {
    let source = DatasetSource(
      path: "\(Self.root)/govreport/gov_report_summ.first7.jsonl",
      format: "gov-report"
    )
    let selection = DatasetSelection(
      truncate: DatasetSelection.Truncation(field: "document", words: 4000)
    )
    var words: [Int] = []
    let counts = try DatasetLoader.read(source, selection) { record in
      words.append(Words.count(record["document"]?.string ?? ""))
    }
    #expect(words == [4000, 3509, 3856, 4000, 2249, 3503, 2179])
    #expect(counts.truncated == 2)
  }

  @Test func conversationsTakeTurns() throws {
    let records = try all("baize_format/quora_chat_data.json", "baize")
    let turns = records.map { $0["turns"]?.array?.count ?? 0 }
    #expect(
      Dictionary(grouping: turns) { $0 }.mapValues(\.count)
        == [1: 15, 2: 40, 3: 34, 4: 5, 5: 1, 6: 1]
    )
    #expect(records.allSatisfy { $0["answers"]?.array?.last == $0.label.map(JSON.string) })
  }

  @Test func recordedChainsAreKept() throws {
    let records = try all("chain_of_density/summaries.first25.json", "chain-of-density")
    #expect(records.allSatisfy { $0["summaries"]?.array?.count == 5 })
  }

  /// No row of the test parts of the paper is among the training rows that lie beside them.
  @Test func testRowsAreNotAmongTrainingRows() throws {
    for (train, test, format) in [
      ("svamp/SVAMP.500.json", "svamp/svamp_test_300.json", "svamp"),
      ("multiarith/MultiArith.300.json", "multiarith/test_180.json", "multiarith"),
    ] {
      let seen = Set(try all(train, format).compactMap { $0["question"]?.string })
      #expect(seen.isDisjoint(with: try all(test, format).compactMap { $0["question"]?.string }))
    }
  }
}
