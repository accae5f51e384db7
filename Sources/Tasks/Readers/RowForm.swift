/// How the rows of a file follow each other, and whether the first one names the columns.
package struct RowForm: Hashable, Sendable {
  let layout: RowLayout
  let hasHeader: Bool

  /// Every line is a row.
  package static let lines = RowForm(layout: .lines, hasHeader: false)
  /// The first line names the columns of the others; quotes mean nothing.
  package static let table = RowForm(layout: .lines, hasHeader: true)
  /// The first row names the columns of the others; quoted cells may hold line ends.
  package static let quotedTable = RowForm(layout: .quotedLines, hasHeader: true)
  /// One JSON list holds the rows.
  package static let list = RowForm(layout: .arrayElements, hasHeader: false)

  /// JSON Lines, or one JSON list of rows: the first character tells, whatever the file is called.
  ///
  /// AQUA-RAT is JSON Lines under the name `.json`; other sets lie about as lists named `.jsonl`.
  package static func json(_ start: ArraySlice<UInt8>) -> RowForm {
    start.first { !$0.isJSONSpace } == UInt8(ascii: "[") ? .list : .lines
  }
}
