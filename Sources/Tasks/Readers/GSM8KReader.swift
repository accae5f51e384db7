package import Primitives

/// GSM8K as OpenAI published it: rows of `question` and `answer`, the answer ending in `#### 18`.
///
/// The label is what follows the last `#### `, its commas dropped; the rationale stays in `answer`.
/// Source: github.com/openai/grade-school-math, `grade_school_math/dataset.py`.
package enum GSM8KReader: RowReader {
  package static let format = "gsm8k"
  package static let version = 1
  package static let summary = "GSM8K: the label follows '#### ' in 'answer'"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    // Unlike in other sets nothing is trimmed: recorded prompts hold the questions as they are.
    guard let question = try row.value("question").string else {
      throw try mustBeText("question", row)
    }
    guard let answer = try row.value("answer").string else { throw try mustBeText("answer", row) }
    return JSONObject([
      (key: "question", value: .string(question)),
      (key: "answer", value: .string(answer)),
      (key: "label", value: .string(try label(answer, row))),
    ])
  }

  private static func label(_ answer: String, _ row: PublishedRow) throws(RowProblem) -> String {
    let bytes = Array(answer.utf8)
    guard let mark = ByteSearch.ranges(of: "#### ", in: bytes[...]).last else {
      throw RowProblem("row \(row.number) has no '#### ' in 'answer', so it has no label")
    }
    let digits = bytes[mark.upperBound...].filter { $0 != UInt8(ascii: ",") }
    let label = Scalar.trimmed(String(decoding: digits, as: UTF8.self))
    guard Normalization.number(label) != nil else {
      throw RowProblem(
        "row \(row.number) has no number behind '#### ' in 'answer'; found '\(label)'"
      )
    }
    return label
  }

  private static func mustBeText(
    _ column: String,
    _ row: PublishedRow
  ) throws(RowProblem) -> RowProblem {
    let found = try row.value(column).kindName
    return RowProblem("'\(column)' in row \(row.number) must be a text; found \(found)")
  }
}
