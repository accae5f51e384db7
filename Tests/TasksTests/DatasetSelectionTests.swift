import Diagnostics
import Primitives
import Tasks
import TestSupport
import Testing

@Suite struct DatasetSelectionTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = try folder.write(
      (1...100).map { "{\"text\": \"one two  three \($0)\"}\n" }.joined(),
      to: "rows.jsonl"
    )
  }

  private func ids(_ selection: DatasetSelection) throws -> [String] {
    try records(path, "jsonl", selection).map(\.id)
  }

  @Test func withoutAnythingTheOrderIsTheFiles() throws {
    #expect(try ids(DatasetSelection()) == (1...100).map(String.init))
  }

  @Test func prefixesNestAndSlicesAreDisjoint() throws {
    let whole = try ids(DatasetSelection(shuffle: 7))
    #expect(Set(whole).count == 100)
    #expect(whole != (1...100).map(String.init))
    #expect(try ids(DatasetSelection(shuffle: 7, limit: 30)) == Array(whole[..<30]))
    #expect(try ids(DatasetSelection(shuffle: 7, skip: 30, limit: 20)) == Array(whole[30..<50]))
    #expect(try ids(DatasetSelection(shuffle: 7, skip: 90, limit: 20)) == Array(whole[90...]))
    #expect(try ids(DatasetSelection(skip: 98)) == ["99", "100"])
  }

  /// A changed order under an unchanged `DatasetSelection.version` would change results unseen.
  @Test func theOrderOfASeedIsPinned() throws {
    #expect(DatasetSelection.version == 1)
    let first = try ids(DatasetSelection(shuffle: 7, limit: 5))
    #expect(first == Self.pinned)
    #expect(try ids(DatasetSelection(shuffle: 8, limit: 5)) != first)
  }

  private static let pinned = ["39", "23", "57", "71", "88"]

  @Test func countsTellWhatWasRead() throws {
    let source = DatasetSource(path: path, format: "jsonl")
    let early = try DatasetLoader.read(source, DatasetSelection(limit: 10)) { _ in }
    #expect(early.rows == nil)
    #expect(early.selected == 10)
    let whole = try DatasetLoader.read(source, DatasetSelection(skip: 60)) { _ in }
    #expect(whole.rows == 100)
    #expect(whole.selected == 40)
  }

  @Test func truncateKeepsTheFirstWords() throws {
    let selection = DatasetSelection(
      limit: 1,
      truncate: DatasetSelection.Truncation(field: "text", words: 3)
    )
    let record = try #require(try records(path, "jsonl", selection).first)
    #expect(record["text"] == "one two  three")
    let all = DatasetSelection(
      limit: 1,
      truncate: DatasetSelection.Truncation(field: "text", words: 4)
    )
    #expect(try records(path, "jsonl", all).first?["text"] == "one two  three 1")
    let none = DatasetSelection(
      limit: 1,
      truncate: DatasetSelection.Truncation(field: "body", words: 4)
    )
    #expect(
      problems { _ = try records(path, "jsonl", none) }
        == ["1:1: row 1 has no text in the field 'body', which 'truncate' cuts"]
    )
  }

  @Test func aDatasetObjectIsReadLikeAFile() throws {
    let lines = try records(path, "jsonl", DatasetSelection(shuffle: 7, limit: 20))
      .map { String(decoding: $0.line, as: UTF8.self) + "\n" }
    let object = try folder.write(lines.joined(), to: "object")
    let again = try records(object, "jsonl", DatasetSelection(skip: 5, limit: 5))
    #expect(
      again == Array(try records(path, "jsonl", DatasetSelection(shuffle: 7, skip: 5, limit: 5)))
    )
  }
}
