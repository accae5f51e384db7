package import Primitives

/// SVAMP (Patel and others 2021) in the layouts that are about.
///
/// The published one: `ID`, `Body`, `Question`, `Equation`, `Answer` (a float), `Type`. That of the
/// test part: `id`, `question`, `answer`. Body and question are joined by one space, whether or not
/// the body ends in a full stop (a third of them do not): so does the test part, and so the same
/// row is the same question in both.
package enum SVAMPReader: RowReader {
  package static let format = "svamp"
  package static let version = 1
  package static let summary = "SVAMP: body and question joined, one number for each"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .json(start) }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = try PublishedRow(row)
    var columns = ColumnList(idOf: row, row.name(among: "ID", "id"))
    if row.has("question"), !row.has("Body") {
      columns.add("question", try row.text("question"))
      columns.add("label", try row.number("answer"))
    } else {
      columns.add("question", try row.text("Body") + " " + row.text("Question"))
      columns.add("equation", try row.optionalText("Equation"))
      columns.add("type", try row.optionalText("Type"))
      columns.add("label", try row.number("Answer"))
    }
    return columns.columns
  }
}
