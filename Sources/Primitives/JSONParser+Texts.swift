extension JSONParser {
  /// Reads the text whose opening quote is next.
  mutating func parseString() throws(JSONError) -> String {
    let start = index
    index += 1
    skipPlainText()
    if current == UInt8(ascii: "\"") {
      // Most texts hold no escape: they are read where they stand.
      let string = try Self.text(bytes[start + 1..<index], at: start)
      index += 1
      return string
    }
    return try parseEscapedString(from: start)
  }

  /// Makes a text of bytes; `start` is where it stands, for the error.
  ///
  /// `String(validating:)` says the same and takes several times as long: here what is not valid
  /// would come out changed.
  private static func text(_ bytes: ArraySlice<UInt8>, at start: Int) throws(JSONError) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.utf8.count == bytes.count, text.utf8.elementsEqual(bytes) else {
      throw JSONError(offset: start, message: "a text is not valid UTF-8")
    }
    return text
  }

  /// Goes on to the next quote, backslash or control character, or to the end.
  private mutating func skipPlainText() {
    index = bytes.withUnsafeBufferPointer { bytes in
      var index = index
      while index < bytes.count {
        let byte = bytes[index]
        if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
        index += 1
      }
      return index
    }
  }

  /// Reads the text whose opening quote is at `start`, with everything up to `index` plain.
  private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
    var text: [UInt8] = []
    var run = start + 1
    while true {
      guard let byte = current else { throw error("a text is not closed", at: start) }
      switch byte {
      case UInt8(ascii: "\""):
        text.append(contentsOf: bytes[run..<index])
        index += 1
        return try Self.text(text[...], at: start)
      case UInt8(ascii: "\\"):
        text.append(contentsOf: bytes[run..<index])
        index += 1
        try parseEscape(into: &text)
        run = index
      case 0..<0x20: throw error("a control character stands unescaped in a text")
      default: skipPlainText()
      }
    }
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(JSONError) {
    let start = index - 1
    guard let byte = current else { throw error("a text is not closed", at: start) }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var unit = try parseHexUnit(start)
      if unit >= 0xD800, unit < 0xDC00, bytes[index...].starts(with: #"\u"#.utf8) {
        index += 2
        let low = try parseHexUnit(start)
        guard low >= 0xDC00, low < 0xE000 else { throw error("a surrogate is alone", at: start) }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = UnicodeScalar(unit) else { throw error("a surrogate is alone", at: start) }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw error("unknown escape '\\\(Character(UnicodeScalar(byte)))'", at: start)
    }
  }

  private mutating func parseHexUnit(_ start: Int) throws(JSONError) -> UInt32 {
    guard index + 4 <= bytes.count else { throw error("'\\u' wants four digits", at: start) }
    var unit: UInt32 = 0
    for byte in bytes[index..<index + 4] {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else {
        throw error("'\\u' wants four hexadecimal digits", at: start)
      }
      unit = unit << 4 | UInt32(digit)
    }
    index += 4
    return unit
  }
}
