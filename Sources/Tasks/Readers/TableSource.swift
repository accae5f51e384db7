import Diagnostics
import Primitives

/// The rows of one file, whose first row may name the columns.
final class TableSource: ColumnSource {
  private let name: String
  private let reader: any RowReader.Type
  private var file: RowFile
  private var header: [String] = []
  private var awaitsHeader: Bool

  /// Opens the file; a header is read with the first row.
  init(path: String, name: String, reader: any RowReader.Type) throws(SystemError) {
    self.name = name
    self.reader = reader
    file = try RowFile(path: path, name: name, form: reader.form)
    awaitsHeader = file.form.hasHeader
  }

  func next() throws -> SourceRow? {
    if awaitsHeader { try readHeader() }
    guard let (bytes, span) = try file.next() else { return nil }
    return SourceRow(
      position: RowPosition(file: 0, index: 0, span: span),
      content: .bytes(bytes)
    )
  }

  func row(at position: RowPosition) throws -> SourceRow {
    SourceRow(position: position, content: .bytes(try file.bytes(at: position.span)))
  }

  func columns(_ row: SourceRow, number: Int) throws(RowProblem) -> JSONObject {
    guard case .bytes(let bytes) = row.content else {
      preconditionFailure("BUG: a row of a file comes as bytes")
    }
    return try reader.columns(RowText(bytes: bytes, number: number), header: header)
  }

  func location(of position: RowPosition, plus offset: Int) throws(SystemError) -> Location {
    try file.location(of: position.span.offset + offset)
  }

  func fileName(of position: RowPosition) -> String? { nil }

  func count(in counts: inout DatasetCounts) {}

  private func readHeader() throws {
    awaitsHeader = false
    guard let (bytes, span) = try file.next() else {
      throw Problem(
        "the file is empty; the first row must name the columns",
        at: Location(file: name, line: 1, column: 1)
      )
    }
    do throws(RowProblem) {
      header = try reader.header(RowText(bytes: bytes, number: 0))
    } catch {
      let place = try file.location(of: span.offset + error.offset)
      throw Problem(error.message, at: place, hint: error.hint)
    }
  }
}
