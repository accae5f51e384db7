package import Primitives

/// GSM8K as OpenAI published it: JSON Lines of `question` and `answer`, the answer ending in
/// `#### 18`.
///
/// The label is what follows the last `#### `, its commas dropped; the rationale stays in `answer`.
/// Source: github.com/openai/grade-school-math, `grade_school_math/dataset.py`.
package enum GSM8KReader: DatasetReader {
  package static let format = "gsm8k"
  package static let version = 1
  package static let summary = "GSM8K: the label follows '#### ' in 'answer'"
  package static let layout = RowLayout.lines

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let object = try row.object()
    let question = try PublishedRow.text("question", of: object, row)
    let answer = try PublishedRow.text("answer", of: object, row)
    let bytes = Array(answer.utf8)
    guard let mark = ByteSearch.ranges(of: "#### ", in: bytes[...]).last else {
      throw RowProblem("row \(row.number) has no '#### ' in 'answer', so it has no label")
    }
    let label = Scalar.trimmed(
      String(
        decoding: bytes[mark.upperBound...].filter { $0 != UInt8(ascii: ",") },
        as: UTF8.self
      )
    )
    guard !label.isEmpty else {
      throw RowProblem("row \(row.number) has nothing behind '#### ' in 'answer'")
    }
    return JSONObject([
      (key: "question", value: .string(question)),
      (key: "answer", value: .string(answer)),
      (key: "label", value: .string(label)),
    ])
  }
}

/// What the readers of published sets share.
enum PublishedRow {
  /// The text in a column that the format promises.
  static func text(
    _ column: String,
    of object: JSONObject,
    _ row: RowText
  ) throws(RowProblem) -> String {
    let value = try self.value(column, of: object, row)
    guard let text = value.string else {
      throw RowProblem(
        "'\(column)' in row \(row.number) must be a text; found \(value.kindName)"
      )
    }
    return text
  }

  static func value(
    _ column: String,
    of object: JSONObject,
    _ row: RowText
  ) throws(RowProblem) -> JSON {
    guard let value = object[column] else {
      throw RowProblem(missing(column, in: object.keys, row: row.number))
    }
    return value
  }

  /// `row 3 has no column 'question'; it has 'problem', 'solution'`.
  static func missing(_ column: String, in columns: [String], row: Int) -> String {
    let names = columns.map { "'\($0)'" }.joined(separator: ", ")
    return "row \(row) has no column '\(column)'; it has \(names.isEmpty ? "none" : names)"
  }
}
