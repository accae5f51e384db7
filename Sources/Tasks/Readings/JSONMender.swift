import Primitives

/// Mends what models break when they write JSON.
///
/// Mended: a comma before a closing bracket, a missing one between two values in brackets, line
/// feeds and tabs in texts, quotation marks in texts without their backslash, single or curly
/// quotation marks around texts, `None`, `True` and `False`. A text that is sound JSON stays as it
/// is. Anything else is left for the parser to refuse.
struct JSONMender {
  /// The value that begins at the first byte, mended, and where it ends; nil where it has no end.
  static func mend(_ bytes: ArraySlice<UInt8>) -> (bytes: [UInt8], end: Int)? {
    if let end = soundEnd(of: bytes) { return (Array(bytes[bytes.startIndex..<end]), end) }
    var mender = JSONMender(bytes)
    return mender.mend()
  }

  /// Behind the bracket that closes the first one, where what lies between is sound JSON.
  private static func soundEnd(of bytes: ArraySlice<UInt8>) -> Int? {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for (index, byte) in zip(bytes.indices, bytes) {
      if isInString {
        if !isEscaped, byte == UInt8(ascii: "\"") { isInString = false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        guard depth == 0 else { continue }
        let value = bytes[bytes.startIndex...index]
        return (try? JSON(parsing: value)) != nil ? index + 1 : nil
      default: break
      }
    }
    return nil
  }

  private let bytes: ArraySlice<UInt8>
  private var index: Int
  private var mended: [UInt8] = []

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  private mutating func mend() -> (bytes: [UInt8], end: Int)? {
    var depth = 0
    while index < bytes.endIndex {
      if let mark = quotationMark(at: index) {
        guard mendText(from: mark) else { return nil }
        continue
      }
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        if "]}\"".utf8.contains(mended.last { $0 > 0x20 } ?? 0) { mended.append(UInt8(ascii: ",")) }
        depth += 1
        mended.append(byte)
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if let last = mended.lastIndex(where: { $0 > 0x20 }), mended[last] == UInt8(ascii: ",") {
          mended.remove(at: last)
        }
        depth -= 1
        mended.append(byte)
        if depth == 0 { return (mended, index + 1) }
      default:
        if mendWord() { continue }
        mended.append(byte)
      }
      index += 1
    }
    return nil
  }

  /// Writes a Python literal as JSON's.
  private mutating func mendWord() -> Bool {
    for (python, json) in [("None", "null"), ("True", "true"), ("False", "false")]
    where bytes[index...].starts(with: python.utf8) {
      mended += Array(json.utf8)
      index += python.utf8.count
      return true
    }
    return false
  }

  // MARK: Texts

  /// A mark that a text begins with, and the one that ends it.
  private func quotationMark(at index: Int) -> (open: String, close: String)? {
    for pair in [("\"", "\""), ("'", "'"), ("\u{201C}", "\u{201D}")]
    where bytes[index...].starts(with: pair.0.utf8) {
      return pair
    }
    return nil
  }

  /// Writes the text that begins here; false where it has no end.
  private mutating func mendText(from mark: (open: String, close: String)) -> Bool {
    index += mark.open.utf8.count
    mended.append(UInt8(ascii: "\""))
    while index < bytes.endIndex {
      if bytes[index...].starts(with: mark.close.utf8), closes(at: index + mark.close.utf8.count) {
        index += mark.close.utf8.count
        mended.append(UInt8(ascii: "\""))
        return true
      }
      mendByte()
    }
    return false
  }

  private mutating func mendByte() {
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\""): mended += Array(#"\""#.utf8)
    case 0x0A: mended += Array(#"\n"#.utf8)
    case 0x09: mended += Array(#"\t"#.utf8)
    case 0x00..<0x20: break
    case UInt8(ascii: "\\"):
      guard index < bytes.endIndex else { return }
      let next = bytes[index]
      let isKnown = #""\/bfnrtu"#.utf8.contains(next)
      index += 1
      // `\'` is Python's; any other backslash means itself.
      if isKnown {
        mended += [byte, next]
      } else if next == UInt8(ascii: "'") {
        mended.append(next)
      } else {
        mended += [byte, byte, next]
      }
    default: mended.append(byte)
    }
  }

  /// Whether a quotation mark ends its text, by what stands behind it.
  private func closes(at place: Int) -> Bool {
    guard let next = bytes[place...].firstIndex(where: { $0 > 0x20 }) else { return true }
    switch bytes[next] {
    case UInt8(ascii: ":"), UInt8(ascii: "]"), UInt8(ascii: "}"): return true
    case UInt8(ascii: ","):
      // A comma goes on with a value or a key; in a sentence it goes on with a word.
      guard let after = bytes[(next + 1)...].first(where: { $0 > 0x20 }) else { return true }
      return "\"'[{]}-0123456789\u{201C}".utf8.contains(after)
    default: return false
    }
  }
}
