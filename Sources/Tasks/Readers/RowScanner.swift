/// How rows follow each other in a file.
package enum RowLayout: Sendable {
  /// A row is a line; lines of white space only are no rows.
  case lines
  /// A row is a line, but a quoted cell may hold line ends (RFC 4180).
  case quotedLines
  /// A row is an element of the one JSON array that the file holds.
  case arrayElements
}

/// Finds where rows start and end in bytes that arrive in pieces.
///
/// It remembers how far it has looked in an unfinished row, so that each byte of a long row is
/// looked at once, however many pieces it comes in.
struct RowScanner {
  /// A file that does not have the layout it should have.
  struct Fault: Error, Hashable {
    let message: String
    /// Of the offending byte in the piece.
    let index: Int
    let hint: String?
  }

  enum Step {
    /// A row's bytes, and where the next one starts.
    case row(Range<Int>, next: Int)
    /// The piece ends inside a row.
    case more
    case finished
  }

  private enum State {
    case cellStart, plainCell, quotedCell, quoteInQuotedCell
    case beforeArray, beforeElement(isFirst: Bool), inElement, inString, inEscape, afterArray
  }

  private let layout: RowLayout
  private var state: State
  /// How many bytes of the unfinished row have been looked at.
  private var looked = 0
  /// Where an array element begins, counted from the start of the piece.
  private var content = 0
  private var depth = 0

  init(layout: RowLayout) {
    self.layout = layout
    switch layout {
    case .lines, .quotedLines: state = .cellStart
    case .arrayElements: state = .beforeArray
    }
  }

  /// Looks for the end of the row that starts where the bytes start.
  ///
  /// - Parameters:
  ///   - bytes: From the start of the row on; after `.more` the same bytes again and what follows.
  ///   - atEnd: Whether nothing follows these bytes.
  /// - Returns: The row, or that more bytes are needed, or that there are no more rows.
  /// - Throws: `Fault` where the bytes break the layout.
  mutating func step(_ bytes: ArraySlice<UInt8>, atEnd: Bool) throws(Fault) -> Step {
    switch layout {
    case .lines: stepLines(bytes, atEnd: atEnd)
    case .quotedLines: try stepQuotedLines(bytes, atEnd: atEnd)
    case .arrayElements: try stepElements(bytes, atEnd: atEnd)
    }
  }
}

// MARK: - Lines

extension RowScanner {
  private mutating func stepLines(_ bytes: ArraySlice<UInt8>, atEnd: Bool) -> Step {
    if let end = bytes[(bytes.startIndex + looked)...].firstIndex(of: 0x0A) {
      return line(bytes, to: end, next: end + 1)
    }
    return lastLine(bytes, atEnd: atEnd)
  }

  /// A quote opens a quoted cell only where a cell begins; elsewhere it is the cell parser's to
  /// refuse, and one stray quote does not swallow the rest of the file here.
  private mutating func stepQuotedLines(
    _ bytes: ArraySlice<UInt8>,
    atEnd: Bool
  ) throws(Fault) -> Step {
    for index in (bytes.startIndex + looked)..<bytes.endIndex {
      switch (state, bytes[index]) {
      case (.quotedCell, UInt8(ascii: "\"")): state = .quoteInQuotedCell
      case (.quotedCell, _): break
      case (_, 0x0A):
        state = .cellStart
        return line(bytes, to: index, next: index + 1)
      case (_, UInt8(ascii: ",")): state = .cellStart
      case (.cellStart, UInt8(ascii: "\"")), (.quoteInQuotedCell, UInt8(ascii: "\"")):
        state = .quotedCell
      default: state = .plainCell
      }
    }
    if atEnd, case .quotedCell = state {
      throw Fault(
        message: "a quoted cell is not closed in the row that starts here",
        index: bytes.startIndex,
        hint: "close it with '\"', and double every quote inside it"
      )
    }
    return lastLine(bytes, atEnd: atEnd)
  }

  private mutating func line(_ bytes: ArraySlice<UInt8>, to end: Int, next: Int) -> Step {
    looked = 0
    let hasReturn = end > bytes.startIndex && bytes[end - 1] == 0x0D
    return .row(bytes.startIndex..<(hasReturn ? end - 1 : end), next: next)
  }

  private mutating func lastLine(_ bytes: ArraySlice<UInt8>, atEnd: Bool) -> Step {
    looked = bytes.count
    guard atEnd else { return .more }
    return bytes.isEmpty ? .finished : line(bytes, to: bytes.endIndex, next: bytes.endIndex)
  }
}

// MARK: - Elements of an array

extension RowScanner {
  private mutating func stepElements(
    _ bytes: ArraySlice<UInt8>,
    atEnd: Bool
  ) throws(Fault) -> Step {
    for index in (bytes.startIndex + looked)..<bytes.endIndex {
      if let end = try element(endsAt: index, bytes) {
        looked = 0
        return .row(end, next: index + 1)
      }
    }
    looked = bytes.count
    guard atEnd else { return .more }
    if case .afterArray = state { return .finished }
    if case .beforeArray = state {
      throw Fault(
        message: "found nothing where a list of rows should stand",
        index: bytes.endIndex,
        hint: nil
      )
    }
    throw Fault(
      message: "the file ends inside its list of rows",
      index: bytes.endIndex,
      hint: "the file may have been cut off: it must end with ']'"
    )
  }

  /// Takes one byte in; the element's range when this byte, a comma or the last bracket, ends one.
  private mutating func element(
    endsAt index: Int,
    _ bytes: ArraySlice<UInt8>
  ) throws(Fault) -> Range<Int>? {
    let byte = bytes[index]
    switch state {
    case .beforeArray where byte.isJSONSpace: break
    case .beforeArray: try openArray(byte, at: index)
    case .beforeElement where byte.isJSONSpace: break
    case .beforeElement(isFirst: true) where byte == UInt8(ascii: "]"): state = .afterArray
    case .beforeElement where byte == UInt8(ascii: "]") || byte == UInt8(ascii: ","):
      throw Fault(
        message: "a row is missing before '\(Character(UnicodeScalar(byte)))'",
        index: index,
        hint: nil
      )
    case .beforeElement:
      content = index - bytes.startIndex
      depth = 0
      state = .inElement
      openValue(byte)
    case .inElement:
      if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
        state = byte == UInt8(ascii: ",") ? .beforeElement(isFirst: false) : .afterArray
        let start = bytes.startIndex + content
        let end = bytes[start..<index].lastIndex { !$0.isJSONSpace } ?? start
        return start..<(end + 1)
      }
      openValue(byte)
    case .inString where byte == UInt8(ascii: "\\"): state = .inEscape
    case .inString where byte == UInt8(ascii: "\""): state = .inElement
    case .inString: break
    case .inEscape: state = .inString
    case .afterArray where byte.isJSONSpace: break
    default:
      throw Fault(message: "found more text behind the list of rows", index: index, hint: nil)
    }
    return nil
  }

  private mutating func openArray(_ byte: UInt8, at index: Int) throws(Fault) {
    guard byte == UInt8(ascii: "[") else {
      throw Fault(
        message: "found '\(Character(UnicodeScalar(byte)))' where a list of rows should start",
        index: index,
        hint: byte == UInt8(ascii: "{") ? "if every line is a row, write 'format: jsonl'" : nil
      )
    }
    state = .beforeElement(isFirst: true)
  }

  private mutating func openValue(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): state = .inString
    case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
    case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
    default: break
    }
  }
}
