import Diagnostics
import Primitives

/// A file of answers that some model gave elsewhere, and where its rows keep what.
package struct RecordedAnswerSource: Sendable {
  package let path: String
  /// What messages call the file.
  package let name: String
  /// The name of a reader: `jsonl`, `json`, `csv` or `tsv`.
  package let format: String
  /// Column, or path, of the id of the dataset's row; nil where answers are joined by prompt.
  package let id: String?
  /// Column, or path, of the prompt.
  package let prompt: String?
  /// Column, or path, of the completion.
  package let text: String

  package init(
    path: String,
    name: String? = nil,
    format: String,
    id: String? = nil,
    prompt: String? = nil,
    text: String = "text"
  ) {
    precondition(
      (id == nil) != (prompt == nil),
      "BUG: answers are joined by id or by prompt, one of them"
    )
    self.path = path
    self.name = name ?? path
    self.format = format
    self.id = id
    self.prompt = prompt
    self.text = text
  }
}

/// One recorded answer.
package struct RecordedAnswer: Hashable, Sendable {
  /// Row of the file, from 1.
  package let row: Int
  /// The id or the prompt that ties it to a row of the dataset.
  package let key: String
  package let text: String
}

/// Reads recorded answers, row by row.
package enum RecordedAnswers {
  /// The formats that answers may be in, sorted.
  package static let formats = ["csv", "json", "jsonl", "tsv"]

  /// Hands over every answer in the file's order; several may have one key.
  ///
  /// - Throws: `Problems` with positions for what is wrong in the file, `SystemError` when it
  ///   cannot be read, and what `onAnswer` throws.
  package static func read(
    _ source: RecordedAnswerSource,
    onAnswer: (RecordedAnswer) throws -> Void
  ) throws {
    let map = FieldMap([
      (task: "key", column: source.id ?? source.prompt ?? "id"),
      (task: "text", column: source.text),
    ])
    var file = try ColumnFile(path: source.path, name: source.name, format: source.format)
    while !file.isTooWrong, let row = try file.next() {
      let answer: RecordedAnswer
      do throws(RowProblem) {
        answer = try self.answer(try map.mapped(try file.columns(row), row: row.text.number), row)
      } catch {
        try file.report(error, in: row)
        continue
      }
      if file.problems.isEmpty { try onAnswer(answer) }
    }
    try file.throwProblems()
  }

  private static func answer(
    _ values: JSONObject,
    _ row: ColumnFile.Row
  ) throws(RowProblem) -> RecordedAnswer {
    let number = row.text.number
    guard let key = values["key"].flatMap(Scalar.text) else {
      throw RowProblem("row \(number) has no text in the column that answers are joined by")
    }
    // A service that answered nothing leaves null: the answer is empty, and will be unreadable.
    let value = values["text"] ?? .null
    guard let text = value.isNull ? "" : Scalar.text(value) else {
      throw RowProblem("the answer in row \(number) must be a text; found \(value.kindName)")
    }
    return RecordedAnswer(row: number, key: key, text: text)
  }
}
