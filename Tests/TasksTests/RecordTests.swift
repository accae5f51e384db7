import Diagnostics
import Primitives
import Tasks
import TestSupport
import Testing

@Suite struct RecordTests {
  @Test func theLineIsCanonicalAndComesBack() throws {
    let record = Record(
      id: "7",
      fields: JSONObject([("z", 1.0), ("a", ["x\n", .null])]),
      label: "yes"
    )
    #expect(
      String(decoding: record.line, as: UTF8.self)
        == #"{"a":["x\n",null],"id":"7","label":"yes","z":1.0}"#
    )
    #expect(try Record(line: record.line) == record)
    let bare = Record(id: "7", fields: JSONObject())
    #expect(String(decoding: bare.line, as: UTF8.self) == #"{"id":"7"}"#)
    #expect(try Record(line: bare.line) == bare)
  }

  /// Swift's own `==` equates composed and decomposed forms; ids are bytes.
  @Test func idsAreBytes() {
    let composed = Record(id: "\u{E9}", fields: JSONObject())
    let decomposed = Record(id: "e\u{301}", fields: JSONObject())
    #expect(composed != decomposed)
  }

  @Test(arguments: ["[]", "{}", #"{"id": 1}"#, #"{"id": "1", "label": 1}"#, "x"])
  func whatIsNoRecordIsRefused(line: String) {
    #expect(throws: Problem.self) { _ = try Record(line: Array(line.utf8)) }
  }

  @Test func pathsLeadIntoValues() throws {
    let json: JSON = ["a": ["b": [["c": 1], ["c": 2]]], "list": [1, 2, 3]]
    #expect(try JSONPath("a.b[1].c").value(in: json) == 2)
    #expect(try JSONPath("list[-1]").value(in: json) == 3)
    #expect(try JSONPath("list[3]").value(in: json) == nil)
    #expect(try JSONPath("[-1].c").value(in: [["c": 5]]) == 5)
    for wrong in ["", "a..b", "a[x]", "a[0", ".a"] {
      #expect(problems { _ = try JSONPath(wrong) }.count == 1)
    }
  }
}

@Suite struct RecordedAnswerTests {
  private func answers(
    _ text: String,
    _ format: String,
    id: String? = nil,
    prompt: String? = nil,
    column: String = "text"
  ) throws -> [RecordedAnswer] {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "answers")
    var answers: [RecordedAnswer] = []
    try RecordedAnswers.read(
      RecordedAnswerSource(
        path: path,
        name: "answers",
        format: format,
        id: id,
        prompt: prompt,
        text: column
      )
    ) { answers.append($0) }
    return answers
  }

  @Test func answersAreTakenByPath() throws {
    let text = """
      {"meta": {"id": 3}, "choices": [{"message": {"content": "The answer is 5"}}]}
      {"meta": {"id": "3"}, "choices": [{"message": {"content": null}}]}
      """
    let answers = try answers(
      text,
      "jsonl",
      id: "meta.id",
      column: "choices[0].message.content"
    )
    #expect(answers.map(\.key) == ["3", "3"])
    #expect(answers.map(\.text) == ["The answer is 5", ""])
    #expect(answers.map(\.row) == [1, 2])
  }

  @Test func answersAreJoinedByPromptToo() throws {
    let answers = try answers("prompt,out\n\"a, b\",5\n", "csv", prompt: "prompt", column: "out")
    #expect(answers.map(\.key) == ["a, b"])
    #expect(answers.map(\.text) == ["5"])
  }

  @Test func whatIsMissingIsSaid() {
    #expect(
      problems { _ = try answers("{\"id\": 1}\n{\"id\": [], \"text\": \"x\"}", "jsonl", id: "id") }
        == [
          "1:1: row 1 has no column 'text'; it has 'id'",
          "2:1: row 2 has no text in the column that answers are joined by",
        ]
    )
  }
}
