package import Primitives

/// BBC News (Greene and Cunningham 2006): articles in five classes.
///
/// As published a folder of `CLASS/NAME.txt`, the headline on the first line; the rest of the
/// folder, such as `README.TXT`, is left out and counted. With reference summaries ("BBC News
/// Summary") a table of `document`, `summary` and `categories` with quoted cells over many lines.
package enum BBCNewsReader: DocumentReader, RowReader {
  package static let format = "bbc-news"
  package static let version = 1
  package static let summary =
    "BBC News: a folder of CLASS/NAME.txt, or the table with reference summaries"
  package static let sources: SourceKinds = [.file, .folder]

  // MARK: - A folder

  package static func isDocument(_ name: String) -> Bool {
    name.utf8.count { $0 == UInt8(ascii: "/") } == 1 && hasEnding(".txt", name)
  }

  package static func rows(of document: DocumentText) throws(RowProblem) -> [DocumentRow] {
    let (text, latin1) = try document.plainText()
    var columns = ColumnList()
    columns.add("id", String(document.name.dropLast(".txt".count)))
    columns.add("document", text)
    columns.add("category", document.name.split(separator: "/").first.map(String.init))
    return [DocumentRow(columns: columns.columns, offset: 0, latin1: latin1)]
  }

  // MARK: - A table

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .quotedTable }

  package static func header(_ row: RowText) throws(RowProblem) -> [String] {
    try CSVReader.header(row)
  }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    let row = PublishedRow(try CSVReader.columns(row, header: header), number: row.number)
    var columns = ColumnList()
    columns.add("document", try row.text("document"))
    columns.add("category", try row.optionalText("categories"))
    columns.add("label", try row.optionalText("summary"))
    return columns.columns
  }
}
