import Diagnostics
import Primitives
import Tasks
import TestSupport
import Testing

/// Folders of documents: which files are read, as what, and what is told of the others.
@Suite struct DocumentReaderTests {
  @Test func aFolderOfTextsIsReadInTheOrderOfItsNames() throws {
    let (records, counts) = try folderRecords(fixture("texts"), "text-folder")
    #expect(
      records.map(line) == [
        #"{"document":"Second\ntext ä.","folder":"deep/er","id":"deep/er/second.TXT"}"#,
        #"{"document":"One text.","id":"top.txt"}"#,
      ]
    )
    #expect(counts.ignoredNames == ["notes.md"])
    #expect(counts.unlabelled == 2)
    #expect(
      counts.notes == [
        "1 byte that is no UTF-8 was read as Latin-1: data/deep/er/second.TXT:1:13",
        "1 file of the folder is not of this format and left out: notes.md",
      ]
    )
    #expect(
      JSON.object(counts.facts)
        == ["rows": 2, "unlabelled": 2, "latin1_bytes": 1, "ignored_files": 1]
    )
  }

  @Test func aFolderMayBeALabel() throws {
    let (records, _) = try folderRecords(
      fixture("bbc-news"),
      "bbc-news",
      fields: [("text", "document"), ("label", "category")]
    )
    #expect(records.map(\.label) == ["business", "sport"])
    #expect(records.map(\.fields.keys) == [["text"], ["text"]])
  }

  @Test func newsAreInFoldersOfTheirClasses() throws {
    let (records, counts) = try folderRecords(fixture("bbc-news"), "bbc-news")
    #expect(
      records.map(line) == [
        #"{"category":"business","document":"Kiosk sells more\n\nA kiosk in Ulm sold 12% more tea, "#
          + #"for £900.\n\nIt was a warm May.","id":"business/001"}"#,
        #"{"category":"sport","document":"Runner wins\n\nShe won £300 and thanked her café.","#
          + #""id":"sport/002"}"#,
      ]
    )
    #expect(counts.ignoredNames == ["README.TXT"])
    #expect(counts.latin1Places == ["data/sport/002.txt:3:9"])
  }

  @Test func questionsOfSeveralSourcesAreOneDataset() throws {
    let (records, counts) = try folderRecords(fixture("medquad"), "medquad")
    #expect(
      records.map(\.id) == [
        "Ours/0000001_1-1", "Ours/0000001_1-2", "Theirs/0000001-1", "Theirs/0000001-6",
      ]
    )
    #expect(records.map { $0.label == nil } == [false, false, true, true])
    #expect(counts.notes.first == "2 of 4 rows have no label")
    let last = try folderRecords(
      fixture("medquad"),
      "medquad",
      DatasetSelection(shuffle: 2, skip: 1, limit: 2)
    ).records
    #expect(last.count == 2)
    #expect(Set(last.map(line)).isSubset(of: Set(records.map(line))))
  }

  @Test func placesNameTheFile() throws {
    let source = DatasetSource(
      folder: try folderFiles(fixture("medquad")),
      name: "data",
      format: "medquad"
    )
    let id = Array("Theirs/0000001-6".utf8)
    let places = try DatasetLoader.places(of: [id], in: source)
    #expect(places == [id: RowPlace(file: "2_Theirs/0000001.xml", row: 4, line: 7)])
  }

  @Test func theOrderOfTheListingSaysNothing() throws {
    let files = try folderFiles(fixture("medquad"))
    for order in [files, files.reversed()] {
      var ids: [String] = []
      let source = DatasetSource(folder: order, name: "data", format: "medquad")
      try DatasetLoader.read(source) { ids.append($0.id) }
      #expect(ids.first == "Ours/0000001_1-1")
    }
  }

  @Test func aDocumentThatIsWrongIsToldWithItsFile() throws {
    let folder = try TemporaryFolder()
    try write([0xFF, 0xFE, 0x41, 0x00], to: "\(folder.path)/a.txt")
    try write(Array(" \n\n".utf8), to: "\(folder.path)/b.txt")
    try write(Array("x\nab".utf8) + [0x93], to: "\(folder.path)/c.txt")
    try write(Array("x\n".utf8) + [0x00], to: "\(folder.path)/d.txt")
    try write(Array("fine".utf8), to: "\(folder.path)/e.txt")
    let found = try #require(
      throws: Problems.self,
      performing: { _ = try folderRecords(folder.path, "text-folder") }
    )
    #expect(
      found.all.map { "\($0.location?.file ?? "") \(short($0))" } == [
        "data/a.txt 1:1: the document is UTF-16",
        "data/b.txt 1:1: the document is empty",
        "data/c.txt 2:3: the document holds a byte that is no text, 0x93",
        "data/d.txt 2:1: the document holds a zero byte, so it is no text",
      ]
    )
  }

  @Test func oneIdInTwoDocumentsIsATwin() throws {
    let folder = try TemporaryFolder()
    let text =
      "<Document id='1' source='S'><QAPairs><QAPair><Question qid='1-1' qtype='k'>q"
      + "</Question><Answer>a</Answer></QAPair></QAPairs></Document>"
    _ = try folder.write(text, to: "a.xml")
    _ = try folder.write("\n" + text, to: "b.xml")
    for shuffle in [nil, 1, 2, 3] as [Int64?] {
      #expect(
        problems {
          _ = try folderRecords(folder.path, "medquad", DatasetSelection(shuffle: shuffle))
        } == ["2:38: rows of 'data/a.xml' and 'data/b.xml' both have the id 'S/1-1'"]
      )
    }
  }

  @Test func anEmptySelectionSaysWhy() throws {
    func why(_ files: [DatasetSource.FolderFile], skip: Int = 0) throws -> String? {
      let source = DatasetSource(folder: files, name: "data", format: "text-folder")
      let selection = DatasetSelection(skip: skip)
      return try DatasetLoader.read(source, selection) { _ in }.emptiness(of: source, selection)
    }
    let files = try folderFiles(fixture("texts"))
    #expect(try why(files) == nil)
    #expect(try why([]) == "the folder 'data' has no files")
    #expect(try why(files, skip: 2) == "'skip: 2' leaves none of the 2 rows in 'data'")
    #expect(
      try why(files.filter { $0.name == "notes.md" })
        == "none of the 1 file in the folder 'data' is of the format 'text-folder': notes.md"
    )
    let folder = try TemporaryFolder()
    let path = try folder.write("", to: "empty")
    let source = DatasetSource(path: path, name: "empty", format: "jsonl")
    let counts = try DatasetLoader.read(source) { _ in }
    #expect(counts.emptiness(of: source, DatasetSelection()) == "'empty' has no rows")
  }

  @Test func aFolderWhereAFileIsWantedIsRefused() throws {
    #expect(
      problems { _ = try folderRecords(fixture("texts"), "gsm8k") }
        == ["'gsm8k' reads a file; 'data' is a folder"]
    )
  }
}
