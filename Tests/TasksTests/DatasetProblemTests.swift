import Diagnostics
import Primitives
import Tasks
import TestSupport
import Testing

/// Files that are not what they should be: what is said, and at which line and column.
@Suite struct DatasetProblemTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let format: String
    let text: String
    let problems: [String]
    var fields: [String: String]?
    var testDescription: String { "\(format): \(problems.first ?? "")" }
  }

  @Test(arguments: cases) func saysWhatAndWhere(_ wrong: Case) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(wrong.text, to: "data")
    let fields = wrong.fields.map { $0.map { (task: $0.key, column: $0.value) } }
    #expect(problems { _ = try records(path, wrong.format, fields: fields) } == wrong.problems)
  }

  private static let cases = [
    Case(
      format: "jsonl",
      text: "{\"problem\": 1, \"solution\": 2}\n",
      problems: ["1:1: row 1 has no column 'question'; it has 'problem', 'solution'"],
      fields: ["question": "question"]
    ),
    Case(
      format: "jsonl",
      text: "{\"a\": 1}\n{\"a\": 1,}\n\n{\"a\" 1}\n",
      problems: [
        "2:9: row 2 is no JSON: expected a key in quotes",
        "4:6: row 3 is no JSON: expected ':' behind key 'a'",
      ]
    ),
    Case(
      format: "jsonl",
      text: "[\n{\"a\": 1}]\n",
      problems: [
        "1:2: row 1 is no JSON: the text ends where a value should stand",
        "2:9: row 2 is no JSON: found more text behind the value",
      ]
    ),
    Case(
      format: "jsonl",
      text: "{\"id\": \"x\"}\n{\"id\": \"y\"}\n{\"id\": \"x\"}\n",
      problems: ["3:1: the rows on lines 1 and 3 both have the id 'x'"]
    ),
    Case(
      format: "jsonl",
      text: "{\"id\": [1]}\n{\"id\": \"\"}\n{\"label\": {}}\n",
      problems: [
        "1:1: the id of row 1 must be a text or a whole number; found a list",
        "2:1: the id of row 2 must be a text or a whole number; found an empty text",
        "3:1: the label of row 3 must be a text or a number; found a map",
      ]
    ),
    Case(
      format: "json",
      text: "{\"a\": 1}\n",
      problems: ["1:1: found '{' where a list of rows should start"]
    ),
    Case(
      format: "json",
      text: "[{\"a\": 1},\n  {\"a\": tru}]\n",
      problems: ["2:9: row 2 is no JSON: expected 'true'"]
    ),
    Case(
      format: "json",
      text: "[{\"a\": 1},\n  {\"a\": 2}\n",
      problems: ["3:1: the file ends inside its list of rows"]
    ),
    Case(
      format: "json",
      text: "[{\"a\": 1}, ]",
      problems: ["1:12: a row is missing before ']'"]
    ),
    Case(
      format: "json",
      text: "[1]",
      problems: ["1:2: row 1 must be a map of columns; found a whole number"]
    ),
    Case(
      format: "json",
      text: " \n",
      problems: ["2:1: found nothing where a list of rows should stand"]
    ),
    Case(
      format: "csv",
      text: "a,b\n1,2\n3\n4,\"5\"x\n6,7\"\n",
      problems: [
        "3:1: row 2 has 1 cells; the header has 2 columns",
        "4:6: row 3 has text behind the closing quote of a cell",
        "5:4: row 4 has a quote inside a cell that is not quoted",
      ]
    ),
    Case(
      format: "csv",
      text: "a,b\n1,\"2\n3,4\n",
      problems: ["2:1: a quoted cell is not closed in the row that starts here"]
    ),
    Case(format: "csv", text: "a,a\n", problems: ["1:1: two columns of the header are named 'a'"]),
    Case(
      format: "csv",
      text: "",
      problems: ["1:1: the file is empty; the first row must name the columns"]
    ),
    Case(
      format: "csv",
      text: "question,answer\nq,a\n",
      problems: ["2:1: row 1 has no column 'text'; it has 'question', 'answer'"],
      fields: ["text": "text"]
    ),
    Case(
      format: "gsm8k",
      text: "{\"question\": \"q\", \"answer\": \"5\"}\n{\"question\": 1}\n",
      problems: [
        "1:1: row 1 has no '#### ' in 'answer', so it has no label",
        "2:1: 'question' in row 2 must be a text; found a whole number",
      ]
    ),
    Case(
      format: "multiarith",
      text: "[{\"iIndex\": 1, \"sQuestion\": \"q\", \"lSolutions\": [1, 2]}, {\"x\": 1}]",
      problems: [
        "1:2: 'lSolutions' in row 1 must be a list of one number",
        "1:57: row 2 has no column 'sQuestion'; it has 'x'",
      ]
    ),
    Case(format: "xml", text: "", problems: ["unknown format 'xml'"]),
    Case(
      format: "text-folder",
      text: "",
      problems: ["'text-folder' reads a folder; 'data' is a file"]
    ),
  ]

  @Test func invalidUTF8IsRefusedAtItsByte() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("", to: "data.tsv")
    let bytes: [UInt8] = Array("a\tb\nö\tx".utf8) + [0xA3] + Array("\n".utf8)
    try write(bytes, to: path)
    #expect(
      problems { _ = try records(path, "tsv") }
        == ["2:4: row 1 holds a byte that is no UTF-8"]
    )
  }

  @Test func problemsAreGatheredUpToALimit() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(String(repeating: "x\n", count: 1000), to: "data")
    let found = problems { _ = try records(path, "jsonl") }
    #expect(found.count == 21)
    #expect(found.last == "21:1: 980 more rows of the 1000 read are wrong, this one first")
    #expect(problems { _ = try records(path, "jsonl", DatasetSelection(limit: 20)) }.count == 20)
  }

  @Test func aMissingFileAndAFolderAreSystemErrors() throws {
    let folder = try TemporaryFolder()
    #expect(throws: SystemError.self) { _ = try records("\(folder.path)/none", "jsonl") }
    #expect(throws: SystemError.self) { _ = try records(folder.path, "jsonl") }
  }

  @Test func noRecordIsHandedOverBehindAProblem() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("{\"a\": 1}\nx\n{\"a\": 2}\n", to: "data")
    var seen: [String] = []
    let source = DatasetSource(path: path, format: "jsonl")
    #expect(throws: Problems.self) {
      try DatasetLoader.read(source) { seen.append($0.id) }
    }
    #expect(seen == ["1"])
  }
}
