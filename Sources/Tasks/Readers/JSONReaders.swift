package import Primitives

/// JSON Lines: every line is a map of columns.
package enum JSONLinesReader: RowReader {
  package static let format = "jsonl"
  package static let version = 1
  package static let summary = "JSON Lines: every line is a map of columns"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .lines }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    try row.object()
  }
}

/// JSON: one list, every element a map of columns.
package enum JSONReader: RowReader {
  package static let format = "json"
  package static let version = 1
  package static let summary = "JSON: one list, every element a map of columns"

  package static func form(of start: ArraySlice<UInt8>) -> RowForm { .list }

  package static func columns(
    _ row: RowText,
    header: [String]
  ) throws(RowProblem) -> JSONObject {
    try row.object()
  }
}
