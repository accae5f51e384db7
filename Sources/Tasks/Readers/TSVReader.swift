package import Primitives

/// Tab-separated values: a header, and quotes that mean nothing (as ConjNLI and HELP have them).
package enum TSVReader: RowReader {
  package static let format = "tsv"
  package static let version = 1
  package static let summary = "tab-separated values with a header; quotes are plain characters"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .table }

  package static func header(_ row: RowText) throws(RowProblem) -> [String] {
    try Table.header(cells(row))
  }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    try Table.columns(cells(row), header: header, row: row)
  }

  private static func cells(_ row: RowText) throws(RowProblem) -> [String] {
    var cells: [String] = []
    for cell in row.bytes.split(separator: 0x09, omittingEmptySubsequences: false) {
      cells.append(try row.text(of: cell.startIndex..<cell.endIndex))
    }
    return cells
  }
}

/// What CSV and TSV share: a row of cells under a row of names.
enum Table {
  /// The names of the columns; an empty one is named by its place (`column 1`), as HELP needs.
  static func header(_ cells: [String]) throws(RowProblem) -> [String] {
    var names: [String] = []
    for (index, cell) in cells.enumerated() {
      let name = cell.isEmpty ? "column \(index + 1)" : cell
      guard !names.contains(where: { UTF8Order.equal($0, name) }) else {
        throw RowProblem("two columns of the header are named '\(name)'")
      }
      names.append(name)
    }
    return names
  }

  static func columns(
    _ cells: [String],
    header: [String],
    row: RowText
  ) throws(RowProblem) -> JSONObject {
    guard cells.count == header.count else {
      throw RowProblem(
        "row \(row.number) has \(cells.count) cells; the header has \(header.count) columns"
      )
    }
    return JSONObject(zip(header, cells).map { (key: $0, value: .string($1)) })
  }
}
