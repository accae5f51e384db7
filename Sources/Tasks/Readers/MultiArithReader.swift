package import Primitives

/// MultiArith (Roy and Roth 2015) in the layouts that are about.
///
/// The original: `iIndex`, `sQuestion`, `lSolutions` with one number. That of the published test
/// part: `id`, `problem`, `solution`. That of the Hugging Face hub: `question`, `final_ans`.
/// Questions start and end with a space; it is dropped.
package enum MultiArithReader: RowReader {
  package static let format = "multiarith"
  package static let version = 1
  package static let summary = "MultiArith: one number for each question, any published layout"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    let question = row.name(among: "sQuestion", "problem", "question")
    var columns = ColumnList(idOf: row, row.name(among: "iIndex", "id"))
    columns.add("question", try row.text(question))
    switch question {
    case "sQuestion": columns.add("label", try solution(row))
    case "problem": columns.add("label", try answer(row))
    default: columns.add("label", try row.number("final_ans"))
    }
    return columns.columns
  }

  /// The number as it is written: as text in the test part.
  private static func answer(_ row: PublishedRow) throws(RowProblem) -> String {
    let value = try row.value("solution")
    guard let text = Scalar.text(value).map(Scalar.trimmed), Normalization.plainNumber(text) != nil
    else {
      throw RowProblem(
        "'solution' in row \(row.number) must be a number; found \(value.kindName)"
      )
    }
    return text
  }

  /// The one number of `lSolutions`; `39.0` is written `39`.
  private static func solution(_ row: PublishedRow) throws(RowProblem) -> String {
    guard let numbers = try row.value("lSolutions").array, numbers.count == 1,
      numbers[0].number != nil, let text = Scalar.text(numbers[0])
    else {
      throw RowProblem("'lSolutions' in row \(row.number) must be a list of one number")
    }
    return text
  }
}
