import Diagnostics
import Primitives

/// Where a record stands in its data file.
package struct RowPlace: Hashable, Sendable {
  /// The file's name in the folder that the dataset was read from; nil where that was a file.
  package let file: String?
  /// Of the row, from 1; the header of a table is none.
  package let row: Int
  /// On which the row begins, from 1.
  package let line: Int

  package init(file: String? = nil, row: Int, line: Int) {
    self.file = file
    self.row = row
    self.line = line
  }
}

extension DatasetLoader {
  /// Finds the rows of some ids in a data file, which is read as it was for a dataset.
  ///
  /// Ids are given and found as UTF-8 bytes: texts that only look alike are two. Blocking.
  ///
  /// - Returns: The places of those that are there.
  /// - Throws: `Problems` for a file that cannot be read as the source says, `SystemError`.
  package static func places(
    of ids: Set<[UInt8]>,
    in source: DatasetSource
  ) throws -> [[UInt8]: RowPlace] {
    var places: [[UInt8]: RowPlace] = [:]
    var file = try ColumnFile(source)
    while places.count < ids.count, let row = try file.next() {
      // A row that is wrong is no row of the dataset, and was told of when that was made.
      guard let columns = try? file.columns(row),
        let record = try? source.fields.record(columns, row: row.number)
      else { continue }
      let id = Array(record.id.utf8)
      guard ids.contains(id), places[id] == nil else { continue }
      places[id] = RowPlace(
        file: file.fileName(of: row),
        row: row.number,
        line: try file.location(of: row).line
      )
    }
    try file.throwProblems()
    return places
  }
}
