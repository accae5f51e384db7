import Diagnostics
import Foundation
import Primitives
import Tasks
import TestSupport
import Testing

/// Any bytes in a published format give records or problems with places: never a trap.
@Suite struct HostileReaderTests {
  private static let seeds = [
    ("alpaca", "alpaca.json"), ("anli", "anli-numbers.jsonl"), ("aqua-rat", "aqua-rat.json"),
    ("arc", "arc.jsonl"), ("arc", "arc-spread.json"), ("arc", "arc-hub.jsonl"),
    ("baize", "baize.json"), ("bbc-news", "bbc-news.csv"),
    ("chain-of-density", "chain-of-density.json"), ("commonsense-qa", "commonsense-qa.jsonl"),
    ("conjnli", "conjnli.tsv"), ("control", "control.jsonl"), ("gov-report", "gov-report.jsonl"),
    ("help", "help.tsv"), ("help", "help-chat.jsonl"),
    ("medquad", "medquad/1_Ours/0000001_1.xml"), ("qasc", "qasc-texts.json"),
    ("svamp", "svamp.json"),
  ]

  @Test(arguments: seeds) func readersTakeAnyBytes(format: String, file: String) throws {
    let original = Array(try Data(contentsOf: URL(fileURLWithPath: fixture(file))))
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 1, label: file)
    var outcomes: Set<Bool> = []
    for round in 0..<200 {
      let path = "\(folder.path)/data"
      try write(mutatedBytes(original, &generator), to: path)
      do {
        _ = try records(path, format, DatasetSelection(shuffle: round % 2 == 0 ? 1 : nil))
        outcomes.insert(true)
      } catch let problems as Problems {
        #expect(!problems.all.isEmpty)
        #expect(problems.all.allSatisfy { $0.location != nil })
        outcomes.insert(false)
      }
    }
    // Both must have come up, else the changes are too weak or too strong to say anything.
    #expect(outcomes == [true, false])
  }

  @Test(arguments: ["text-folder", "bbc-news", "medquad"])
  func foldersTakeAnyBytes(format: String) throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 1, label: format)
    var outcomes: Set<Bool> = []
    for _ in 0..<200 {
      let bytes = (0..<generator.below(40)).map { _ in UInt8(generator.below(256)) }
      try write(mutatedBytes(Array("Ä text".utf8) + bytes, &generator), to: "\(folder.path)/a")
      let names = ["a.txt", "sport/1.txt", "x.xml"]
      let files = names.map { DatasetSource.FolderFile(name: $0, path: "\(folder.path)/a") }
      let source = DatasetSource(folder: files, name: "data", format: format)
      do {
        try DatasetLoader.read(source) { _ in }
        outcomes.insert(true)
      } catch let problems as Problems {
        #expect(problems.all.allSatisfy { $0.location != nil })
        outcomes.insert(false)
      }
    }
    #expect(outcomes == (format == "medquad" ? [false] : [true, false]))
  }

  /// Texts that are nothing but beginnings: reading them must not take the square of their length.
  @Test(arguments: ["<a>", "<a", "<!--", "&", "<a b='", "<![CDATA[", "]]>", "\u{E9}"])
  func documentsDoNotStall(piece: String) throws {
    let folder = try TemporaryFolder()
    let text = "<Document source='s'>" + String(repeating: piece, count: 500_000 / piece.utf8.count)
    let path = try folder.write(text, to: "data")
    #expect(problems { _ = try records(path, "medquad") }.count == 1)
  }

  /// A document full of Latin-1 is read in one pass.
  @Test func latin1DoesNotStall() throws {
    let folder = try TemporaryFolder()
    try write([UInt8](repeating: 0xE9, count: 500_000), to: "\(folder.path)/a.txt")
    let (records, counts) = try folderRecords(folder.path, "text-folder")
    #expect(records[0]["document"]?.string?.utf8.count == 1_000_000)
    #expect(counts.latin1Bytes == 500_000)
    #expect(counts.latin1Places.count == 5)
  }
}
