import Diagnostics
package import Primitives

/// One row of a data file as its reader gets it.
package struct RowText: Sendable {
  package let bytes: [UInt8]
  /// Counted from 1, the header of a table not among them.
  package let number: Int

  package init(bytes: [UInt8], number: Int) {
    self.bytes = bytes
    self.number = number
  }

  /// The row as JSON.
  package func json() throws(RowProblem) -> JSON {
    do throws(JSONError) {
      return try JSON(parsing: bytes)
    } catch {
      let hint =
        number == 1 && bytes.first == UInt8(ascii: "[")
        ? "if the file holds one list of rows, write 'format: json'" : nil
      throw RowProblem("row \(number) is no JSON: \(error.message)", at: error.offset, hint: hint)
    }
  }

  /// The row as a JSON map.
  package func object() throws(RowProblem) -> JSONObject {
    let json = try json()
    guard let object = json.object else {
      throw RowProblem(
        "row \(number) must be a map of columns; found \(json.kindName)",
        hint: number == 1 && json.array != nil
          ? "if the file holds one list of rows, write 'format: json'" : nil
      )
    }
    return object
  }

  /// The row's characters; text that is no UTF-8 is refused, not repaired.
  package func text(of range: Range<Int>? = nil) throws(RowProblem) -> String {
    let range = range ?? bytes.indices
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw RowProblem(
        "row \(number) holds a byte that is no UTF-8",
        at: UTF8Sequence.firstFault(in: bytes[range]) ?? range.lowerBound,
        hint: "convert the file to UTF-8"
      )
    }
    return text
  }
}

/// What is wrong with a row, and at which of its bytes; the loader adds file, line and column.
package struct RowProblem: Error, Hashable, Sendable {
  package let message: String
  /// From the row's first byte.
  package let offset: Int
  package let hint: String?

  package init(_ message: String, at offset: Int = 0, hint: String? = nil) {
    self.message = message
    self.offset = offset
    self.hint = hint
  }
}
