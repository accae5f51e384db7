import Diagnostics
import Primitives

/// Where a row lies in its source: enough to read it again without the rows before it.
struct RowPosition: Hashable, Sendable {
  /// Which file of a folder, from 0.
  let file: Int32
  /// Which row of its document, from 0; 0 in a file of rows, where the span tells.
  let index: Int32
  let span: RowSpan

  /// Whether it stands before another one.
  func isBefore(_ other: RowPosition) -> Bool {
    (file, span.offset, index) < (other.file, other.span.offset, other.index)
  }
}

/// The rows of a source, one after another and again; one that is wrong is a row too.
protocol ColumnSource: AnyObject {
  /// The next row; nil behind the last.
  ///
  /// - Throws: `Problem` when the rest cannot be read as rows, `SystemError`.
  func next() throws -> SourceRow?

  /// A row again.
  func row(at position: RowPosition) throws -> SourceRow

  /// The columns of a row; its number, from 1, is for messages.
  func columns(_ row: SourceRow, number: Int) throws(RowProblem) -> JSONObject

  /// Line and column of a byte, counted from the row's first.
  func location(of position: RowPosition, plus offset: Int) throws(SystemError) -> Location

  /// The name in its folder of the file that a row is in; nil where there is no folder.
  func fileName(of position: RowPosition) -> String?

  /// Adds what only the source knows to the counts.
  func count(in counts: inout DatasetCounts)
}

/// A row of a source, as far as it had to be read to be found.
struct SourceRow {
  enum Content {
    case bytes([UInt8])
    case columns(DocumentRow)
    case broken(RowProblem)
  }

  let position: RowPosition
  let content: Content
}
