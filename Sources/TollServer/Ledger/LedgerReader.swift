import Primitives

/// Reads a ledger's records, and leaves out a last one that a kill tore.
enum LedgerReader {
  /// Returns the offset behind the last whole record.
  @discardableResult
  static func read(_ path: String, each: (JSON) throws -> Void) throws -> Int {
    var reader = try LineReader(path: path)
    var end = 0
    var torn: LedgerError?
    while let line = try reader.next() {
      // Only the last line may be torn: an unreadable one with more behind it is damage.
      if let torn { throw torn }
      do {
        let record = try JSON(parsing: line)
        try each(record)
        end += line.count + 1
      } catch let error as JSONError {
        torn = LedgerError(path: path, line: reader.lineNumber, reason: error.description)
      }
    }
    return end
  }
}
