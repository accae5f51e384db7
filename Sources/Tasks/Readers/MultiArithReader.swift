package import Primitives

/// MultiArith (Roy and Roth 2015) in both layouts that are about.
///
/// The original: `iIndex`, `sQuestion`, `lSolutions` with one number. That of the published test
/// part: `id`, `problem`, `solution`. Questions start and end with a space in both; it is dropped.
package enum MultiArithReader: DatasetReader {
  package static let format = "multiarith"
  package static let version = 1
  package static let summary = "MultiArith: one number for each question, either published layout"
  package static let layout = RowLayout.arrayElements

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let object = try row.object()
    let isOriginal = object["sQuestion"] != nil || object["problem"] == nil
    let question = try PublishedRow.text(isOriginal ? "sQuestion" : "problem", of: object, row)
    let id = try PublishedRow.value(isOriginal ? "iIndex" : "id", of: object, row)
    let label = isOriginal ? try solution(object, row) : try answer(object, row)
    return JSONObject([
      (key: "id", value: id),
      (key: "question", value: .string(Scalar.trimmed(question))),
      (key: "label", value: .string(label)),
    ])
  }

  /// The one number of `lSolutions`; `39.0` is written `39`.
  private static func solution(_ object: JSONObject, _ row: RowText) throws(RowProblem) -> String {
    let value = try PublishedRow.value("lSolutions", of: object, row)
    guard let numbers = value.array, numbers.count == 1, numbers[0].number != nil,
      let text = Scalar.text(numbers[0])
    else {
      throw RowProblem("'lSolutions' in row \(row.number) must be a list of one number")
    }
    return text
  }

  private static func answer(_ object: JSONObject, _ row: RowText) throws(RowProblem) -> String {
    let value = try PublishedRow.value("solution", of: object, row)
    guard let text = Scalar.text(value).map(Scalar.trimmed), !text.isEmpty else {
      throw RowProblem(
        "'solution' in row \(row.number) must be a number; found \(value.kindName)"
      )
    }
    return text
  }
}
