import Diagnostics
import Primitives

/// The rows of documents, which are read whole and one at a time.
final class DocumentSource: ColumnSource {
  /// Documents are texts that people wrote; what is larger is no document.
  static let sizeLimit = 64 * 1024 * 1024

  private let name: String
  private let reader: any DocumentReader.Type
  private let files: [DatasetSource.FolderFile]
  private let ignored: [String]
  private var nextFile = 0
  /// The rows of the last file read, which the next calls mostly ask for.
  private var open: (file: Int, rows: [SourceRow])?
  private var nextRow = 0
  private var emptyDocuments = 0

  /// - Parameters:
  ///   - files: Sorted by name.
  ///   - name: What messages call the folder.
  ///   - reader: Says which of the files are documents.
  init(folder files: [DatasetSource.FolderFile], name: String, reader: any DocumentReader.Type) {
    self.name = name
    self.reader = reader
    self.files = files.filter { reader.isDocument($0.name) }
    ignored = files.map(\.name).filter { !reader.isDocument($0) }
  }

  /// A document that is no part of a folder.
  init(file path: String, name: String, reader: any DocumentReader.Type) {
    self.name = name
    self.reader = reader
    files = [DatasetSource.FolderFile(name: "", path: path)]
    ignored = []
  }

  func next() throws -> SourceRow? {
    while true {
      if let open, open.file == nextFile - 1, nextRow < open.rows.count {
        nextRow += 1
        return open.rows[nextRow - 1]
      }
      guard nextFile < files.count else { return nil }
      let rows = try rows(ofFile: nextFile)
      if rows.isEmpty { emptyDocuments += 1 }
      nextFile += 1
      nextRow = 0
    }
  }

  func row(at position: RowPosition) throws -> SourceRow {
    let rows = try rows(ofFile: Int(position.file))
    guard rows.indices.contains(Int(position.index)) else {
      throw OpenFile.changed(title(of: Int(position.file)))
    }
    return rows[Int(position.index)]
  }

  func columns(_ row: SourceRow, number: Int) throws(RowProblem) -> JSONObject {
    switch row.content {
    case .columns(let row): row.columns
    case .broken(let problem): throw problem
    case .bytes: preconditionFailure("BUG: a document's row comes as columns")
    }
  }

  func location(of position: RowPosition, plus offset: Int) throws(SystemError) -> Location {
    let index = Int(position.file)
    let file = try OpenFile(path: files[index].path, name: title(of: index))
    return try file.location(of: position.span.offset + offset)
  }

  func fileName(of position: RowPosition) -> String? {
    let name = files[Int(position.file)].name
    return name.isEmpty ? nil : name
  }

  func count(in counts: inout DatasetCounts) {
    counts.emptyDocuments = emptyDocuments
    counts.ignoredFiles = ignored.count
    counts.ignoredNames = Array(ignored.prefix(DatasetCounts.placeLimit))
  }

  /// What messages call a file.
  private func title(of index: Int) -> String {
    files[index].name.isEmpty ? name : "\(name)/\(files[index].name)"
  }

  /// The rows of a document; a document that is wrong is one row that says so.
  private func rows(ofFile index: Int) throws -> [SourceRow] {
    if let open, open.file == index { return open.rows }
    let rows = try read(index)
    open = (index, rows)
    return rows
  }

  private func read(_ index: Int) throws(SystemError) -> [SourceRow] {
    let file = try OpenFile(path: files[index].path, name: title(of: index))
    guard let bytes = try file.all(atMost: Self.sizeLimit) else {
      return [
        row(
          of: index,
          .broken(
            RowProblem(
              "the document is larger than 64 MiB",
              hint: "a large file of many rows is read by 'jsonl', 'json', 'csv' or 'tsv'"
            )
          )
        )
      ]
    }
    do throws(RowProblem) {
      let document = DocumentText(name: files[index].name, bytes: bytes)
      return try reader.rows(of: document).enumerated().map { number, found in
        row(number, of: index, at: found.offset, .columns(found))
      }
    } catch {
      return [row(of: index, .broken(error))]
    }
  }

  private func row(
    _ number: Int = 0,
    of file: Int,
    at offset: Int = 0,
    _ content: SourceRow.Content
  ) -> SourceRow {
    let span = RowSpan(offset: offset, length: 0)
    let position = RowPosition(file: Int32(file), index: Int32(number), span: span)
    return SourceRow(position: position, content: content)
  }
}
