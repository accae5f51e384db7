package import Primitives

/// Comma-separated values as RFC 4180 has them: a header, cells in quotes where they must be, a
/// quote inside a quoted cell doubled, line ends inside a quoted cell kept.
package enum CSVReader: RowReader {
  package static let format = "csv"
  package static let version = 1
  package static let summary = "comma-separated values with a header, quoted as RFC 4180 has it"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .quotedTable }

  package static func header(_ row: RowText) throws(RowProblem) -> [String] {
    try Table.header(cells(row))
  }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    try Table.columns(cells(row), header: header, row: row)
  }

  /// The cells of one row.
  static func cells(_ row: RowText) throws(RowProblem) -> [String] {
    let bytes = row.bytes
    var cells: [String] = []
    var index = 0
    while true {
      if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
        cells.append(try quotedCell(row, at: &index))
      } else {
        let end = bytes[index...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
        if let quote = bytes[index..<end].firstIndex(of: UInt8(ascii: "\"")) {
          throw RowProblem(
            "row \(row.number) has a quote inside a cell that is not quoted",
            at: quote,
            hint: "quote the whole cell and double the quotes inside it; a file whose tabs "
              + "separate and whose quotes mean nothing is 'format: tsv'"
          )
        }
        cells.append(try row.text(of: index..<end))
        index = end
      }
      guard index < bytes.count else { return cells }
      index += 1
    }
  }

  /// Reads from the opening quote to the comma, or the end, behind the closing one.
  private static func quotedCell(_ row: RowText, at index: inout Int) throws(RowProblem) -> String {
    let bytes = row.bytes
    var text = ""
    while true {
      let start = index + 1
      guard let close = bytes[start...].firstIndex(of: UInt8(ascii: "\"")) else {
        throw RowProblem("row \(row.number) has a quoted cell that is not closed", at: start - 1)
      }
      text += try row.text(of: start..<close)
      index = close + 1
      guard index < bytes.count, bytes[index] != UInt8(ascii: ",") else { return text }
      guard bytes[index] == UInt8(ascii: "\"") else {
        throw RowProblem(
          "row \(row.number) has text behind the closing quote of a cell",
          at: index,
          hint: "double every quote inside a quoted cell"
        )
      }
      text += "\""
    }
  }
}
