package import Primitives

/// Turns the rows of one published format into columns.
///
/// A reader has no state: it says how rows follow each other in a file and what columns a row has.
/// Which column becomes which field of a record is the same for all and is `FieldMap`'s.
package protocol DatasetReader: Sendable {
  /// The name that `format:` gives.
  static var format: String { get }
  /// Raised when the same file would give other columns; part of the dataset's key.
  static var version: Int { get }
  /// One line for the reference.
  static var summary: String { get }
  static var layout: RowLayout { get }
  /// Whether the first row names the columns.
  static var hasHeader: Bool { get }

  /// The names of the columns, from the first row of a file that has a header.
  static func header(_ row: RowText) throws(RowProblem) -> [String]

  /// The columns of a row, in their own order.
  static func columns(_ row: RowText, header: [String]) throws(RowProblem) -> JSONObject
}

extension DatasetReader {
  package static var hasHeader: Bool { false }
  package static func header(_ row: RowText) throws(RowProblem) -> [String] { [] }
}

/// The readers there are; a new format is one file and one line here.
package enum DatasetReaders {
  /// Sorted by format.
  package static let all: [any DatasetReader.Type] = [
    CSVReader.self,
    GSM8KReader.self,
    JSONReader.self,
    JSONLinesReader.self,
    MultiArithReader.self,
    TSVReader.self,
  ]

  package static var formats: [String] { all.map { $0.format } }

  package static func named(_ format: String) -> (any DatasetReader.Type)? {
    all.first { UTF8Order.equal($0.format, format) }
  }
}
