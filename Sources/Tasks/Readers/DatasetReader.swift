package import Primitives

/// Turns a published format into columns.
///
/// A reader has no state: it says how the rows lie in a source and what columns a row has. Which
/// column becomes which field of a record is the same for all and is `FieldMap`'s. A reader of a
/// set's published layouts gives its columns the names of the task's fields, whatever the layout
/// calls them.
package protocol DatasetReader: Sendable {
  /// The name that `format:` gives.
  static var format: String { get }
  /// Raised when the same source would give other columns; part of the dataset's key.
  static var version: Int { get }
  /// One line for the reference.
  static var summary: String { get }
  /// What `path` may lead to.
  static var sources: SourceKinds { get }
}

/// What a dataset may be read from.
package struct SourceKinds: OptionSet, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let file = SourceKinds(rawValue: 1)
  package static let folder = SourceKinds(rawValue: 2)
}

/// A reader of rows that follow each other in one file.
package protocol RowReader: DatasetReader {
  /// How the rows follow each other, where the first bytes may tell: of the file, behind a byte
  /// order mark.
  static func form(of start: ArraySlice<UInt8>) -> RowForm

  /// The names of the columns, from the first row of a file that has a header.
  static func header(_ row: RowText) throws(RowProblem) -> [String]

  /// The columns of a row, in their own order; the header is empty where the file has none.
  static func columns(_ row: RowText, header: [String]) throws(RowProblem) -> JSONObject
}

extension RowReader {
  package static var sources: SourceKinds { .file }
  package static func header(_ row: RowText) throws(RowProblem) -> [String] { [] }
}

/// A reader of documents: files that are small by nature and hold one record or a few.
package protocol DocumentReader: DatasetReader {
  /// Whether a file of a folder, by its path in it, is one of the set's.
  static func isDocument(_ name: String) -> Bool

  /// The rows of a document; none is allowed, and counted.
  static func rows(of document: DocumentText) throws(RowProblem) -> [DocumentRow]
}

extension DocumentReader {
  package static var sources: SourceKinds { .folder }

  /// Whether a name has an ending, in any case of letters: `.txt`.
  static func hasEnding(_ ending: String, _ name: String) -> Bool {
    name.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8) { $0 | 0x20 == $1 | 0x20 }
  }
}

/// One row of a document.
package struct DocumentRow: Sendable {
  package let columns: JSONObject
  /// Where it begins in the document, for messages.
  package let offset: Int
  /// Where bytes stand, from the row's first, that are no UTF-8 and were read as Latin-1.
  package let latin1: [Int]

  package init(columns: JSONObject, offset: Int, latin1: [Int] = []) {
    self.columns = columns
    self.offset = offset
    self.latin1 = latin1
  }
}
