import Diagnostics
import Primitives
import Tasks
import TestSupport
import Testing

@Suite struct DatasetReaderTests {
  @Test func jsonLinesTakeColumnsAsTheyAreNamed() throws {
    let records = try records(fixture("pens.jsonl"), "jsonl")
    #expect(records.map(\.id) == ["a", "b", "7"])
    #expect(records.map(\.label) == ["5", "5", "1.25"])
    #expect(records[0]["source"] == "ours")
    #expect(records[0].fields.keys == ["question", "source"])
  }

  @Test func jsonFindsElementsWhateverTheyHold() throws {
    let records = try records(
      fixture("pens.json"),
      "json",
      fields: [("question", "problem"), ("label", "solution"), ("tag", "tags[1].y")],
      DatasetSelection(limit: 1)
    )
    #expect(records.map(\.id) == ["1"])
    #expect(records[0].label == "51")
    #expect(records[0]["tag"] == 1)
    let whole = try everyRecord(fixture("pens.json"))
    #expect(
      whole.map { $0["problem"]?.string } == [
        #"Two "quoted" [brackets] and a comma, here"#, #"Escaped \" end"#, "Third",
      ]
    )
  }

  @Test func csvKeepsQuotesCommasAndLines() throws {
    let records = try records(
      fixture("tickets.csv"),
      "csv",
      fields: [("text", "text"), ("label", "queue")]
    )
    #expect(records.map(\.id) == ["1", "2", "3"])
    #expect(
      records.map { $0["text"]?.string } == [
        "plain", "with \"quotes\", commas\r\nand lines", "",
      ]
    )
    #expect(records.map(\.label) == ["billing", "sales", "billing"])
  }

  @Test func tsvTakesQuotesAsTheyAre() throws {
    let records = try records(fixture("pairs.tsv"), "tsv")
    #expect(records.map { $0["Premise"]?.string } == ["He said \"no\".", "\"Odd"])
    #expect(records.map(\.label) == ["entailment", "neutral"])
  }

  @Test func gsm8kReadsTheLabelFromTheRationale() throws {
    let records = try records(fixture("gsm8k.jsonl"), "gsm8k")
    #expect(records.map(\.label) == ["6", "1450000", "-2"])
    #expect(records.map(\.id) == ["1", "2", "3"])
    #expect(records[0]["answer"]?.string?.hasSuffix("#### 6") == true)
  }

  @Test func multiArithReadsBothLayouts() throws {
    let records = try records(fixture("multiarith.json"), "multiarith")
    #expect(records.map(\.id) == ["4", "0"])
    #expect(records.map(\.label) == ["5", "5"])
    #expect(records[0]["question"] == "Ann has 2 pens and buys 3. How many does she have?")
    #expect(records[1].fields.keys == ["question"])
  }

  /// A row longer than what is read at once, and many short ones across its edges.
  @Test(arguments: ["jsonl", "json", "csv"]) func rowsCrossTheEdgesOfPieces(format: String) throws {
    let folder = try TemporaryFolder()
    let long = String(repeating: "wörd, ", count: 100_000)
    let texts = [long] + (0..<30_000).map { "row \($0)" } + [long]
    let text =
      switch format {
      case "csv": "text\n" + texts.map { "\"\($0)\"\n" }.joined()
      case "json": "[" + texts.map { "{\"text\": \"\($0)\"}" }.joined(separator: ",\n") + "]"
      default: texts.map { "{\"text\": \"\($0)\"}\n" }.joined()
      }
    let path = try folder.write(text, to: "data")
    let read = try records(path, format).compactMap { $0["text"]?.string }
    #expect(read == texts)
    let shuffled = try records(path, format, DatasetSelection(shuffle: 3))
    #expect(shuffled.compactMap { $0["text"]?.string }.sorted() == texts.sorted())
  }

  @Test func readersAreSortedAndNamedOnce() {
    #expect(DatasetReaders.formats == DatasetReaders.formats.sorted())
    #expect(Set(DatasetReaders.formats).count == DatasetReaders.formats.count)
    #expect(
      DatasetReaders.formats == [
        "alpaca", "anli", "aqua-rat", "arc", "baize", "bbc-news", "chain-of-density",
        "commonsense-qa", "conjnli", "control", "csv", "gov-report", "gsm8k", "help", "json",
        "jsonl", "medquad", "multiarith", "qasc", "riddlesense", "svamp", "text-folder", "tsv",
      ]
    )
    #expect(
      DatasetReaders.all.filter { $0.sources.contains(.folder) }.map { $0.format }
        == ["bbc-news", "medquad", "text-folder"]
    )
    #expect(DatasetReaders.all.filter { !$0.sources.contains(.file) }.count == 1)
  }
}

private func everyRecord(_ path: String) throws -> [Record] {
  try records(path, "json")
}
