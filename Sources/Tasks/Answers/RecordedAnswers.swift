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
  /// The answer; of a conversation that of its last turn.
  package let text: String
  /// The answers of a conversation in the order of its turns; none where there is one text.
  package let turns: [String]

  package init(row: Int, key: String, text: String, turns: [String] = []) {
    self.row = row
    self.key = key
    self.text = text
    self.turns = turns
  }
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
    var file = try ColumnFile(
      DatasetSource(path: source.path, name: source.name, format: source.format)
    )
    while let row = try file.next() {
      let answer: RecordedAnswer
      do throws(RowProblem) {
        answer = try self.answer(try map.mapped(try file.columns(row), row: row.number), row.number)
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
    _ number: Int
  ) throws(RowProblem) -> RecordedAnswer {
    guard let key = values["key"].flatMap(Scalar.text) else {
      throw RowProblem("row \(number) has no text in the column that answers are joined by")
    }
    let value = values["text"] ?? .null
    if let turns = turns(value) {
      return RecordedAnswer(row: number, key: key, text: turns.last ?? "", turns: turns)
    }
    // A service that answered nothing leaves null: the answer is empty, and will be unreadable.
    guard let text = value.isNull ? "" : Scalar.text(value) else {
      throw RowProblem(
        "the answer in row \(number) must be a text; found \(value.kindName)",
        hint: "a conversation is a list of the assistant's texts, or of messages with 'role' and "
          + "'content'"
      )
    }
    return RecordedAnswer(row: number, key: key, text: text)
  }

  /// The answers of a conversation: a list of texts, or the assistant's of a list of messages; nil for
  /// anything else.
  private static func turns(_ value: JSON) -> [String]? {
    guard let list = value.array, !list.isEmpty else { return nil }
    let texts = list.compactMap(\.string)
    if texts.count == list.count { return texts }
    let messages = list.compactMap { message -> (role: String, content: String)? in
      guard let role = message["role"]?.string, let content = message["content"]?.string else {
        return nil
      }
      return (role, content)
    }
    guard messages.count == list.count else { return nil }
    let answers = messages.filter { $0.role == "assistant" }.map(\.content)
    return answers.isEmpty ? nil : answers
  }
}
