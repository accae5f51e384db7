/// Why bytes are not the JSON that they should be, and at which byte.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Offset of the offending byte, from 0.
  package let offset: Int
  package let message: String

  package var description: String { "\(message) at byte \(offset + 1)" }
}

extension JSON {
  /// Reads one JSON text (RFC 8259), strictly.
  ///
  /// Refused: anything behind the value, duplicate keys, lone surrogates, invalid UTF-8, numbers
  /// outside a double's range, more than `depthLimit` levels. A byte order mark is skipped.
  package init(
    parsing bytes: some Collection<UInt8>,
    depthLimit: Int = 512
  ) throws(JSONError) {
    let contiguous = Array(bytes)
    var parser = JSONParser(bytes: contiguous, depthLimit: depthLimit)
    self = try parser.parseDocument()
  }

  package init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }
}

/// A recursive descent parser over bytes.
private struct JSONParser {
  let bytes: [UInt8]
  let depthLimit: Int
  var index = 0

  init(bytes: [UInt8], depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  mutating func parseDocument() throws(JSONError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    skipSpace()
    let value = try parseValue(depth: 0)
    skipSpace()
    guard index == bytes.count else { throw error("found more text behind the value") }
    return value
  }

  private func error(_ message: String, at offset: Int? = nil) -> JSONError {
    JSONError(offset: offset ?? index, message: message)
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }

  private mutating func parseValue(depth: Int) throws(JSONError) -> JSON {
    guard depth <= depthLimit else { throw error("nested more than \(depthLimit) levels deep") }
    switch current {
    case nil: throw error("the text ends where a value should stand")
    case UInt8(ascii: "{"): return try parseObject(depth: depth)
    case UInt8(ascii: "["): return try parseArray(depth: depth)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try parseNumber()
    case let byte?: throw error("found \(Self.name(of: byte)) where a value should stand")
    }
  }

  private static func name(of byte: UInt8) -> String {
    byte > 0x20 && byte < 0x7F
      ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x" + String(byte, radix: 16)
  }

  private mutating func parseWord(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    guard bytes[index...].starts(with: word.utf8) else { throw error("expected '\(word)'") }
    index += word.utf8.count
    return value
  }

  private mutating func parseArray(depth: Int) throws(JSONError) -> JSON {
    index += 1
    var elements: [JSON] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      index += 1
      return .array([])
    }
    while true {
      skipSpace()
      elements.append(try parseValue(depth: depth + 1))
      skipSpace()
      switch current {
      case UInt8(ascii: ","): index += 1
      case UInt8(ascii: "]"):
        index += 1
        return .array(elements)
      default: throw error("expected ',' or ']' in a list")
      }
    }
  }

  private mutating func parseObject(depth: Int) throws(JSONError) -> JSON {
    index += 1
    var members: [(key: String, value: JSON)] = []
    var seen = SeenKeys()
    skipSpace()
    if current == UInt8(ascii: "}") {
      index += 1
      return .object(JSONObject())
    }
    while true {
      skipSpace()
      let start = index
      guard current == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
      let key = try parseString()
      guard seen.insert(key, behind: members) else {
        throw error("key '\(key)' stands twice in one object", at: start)
      }
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw error("expected ':' behind key '\(key)'") }
      index += 1
      skipSpace()
      members.append((key, try parseValue(depth: depth + 1)))
      skipSpace()
      switch current {
      case UInt8(ascii: ","): index += 1
      case UInt8(ascii: "}"):
        index += 1
        return .object(JSONObject(members))
      default: throw error("expected ',' or '}' in an object")
      }
    }
  }

  private mutating func parseNumber() throws(JSONError) -> JSON {
    let start = index
    var whole = true
    if current == UInt8(ascii: "-") { index += 1 }
    let digits = skipDigits()
    guard digits > 0 else { throw error("expected a digit") }
    if digits > 1, bytes[index - digits] == UInt8(ascii: "0") {
      throw error("a number starts with 0", at: start)
    }
    if current == UInt8(ascii: ".") {
      whole = false
      index += 1
      guard skipDigits() > 0 else { throw error("expected a digit behind the point") }
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      whole = false
      index += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
      guard skipDigits() > 0 else { throw error("expected a digit in the exponent") }
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if whole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw error("number \(text) is out of range", at: start)
    }
    return .number(value)
  }

  private mutating func skipDigits() -> Int {
    let start = index
    while let byte = current, Self.isDigit(byte) { index += 1 }
    return index - start
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private mutating func parseString() throws(JSONError) -> String {
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

/// The keys of an object that is being read: small objects are searched, large ones hashed.
private struct SeenKeys {
  /// Keys as bytes, once there are many: Swift's `String` holds different spellings for equal.
  private var hashed: Set<[UInt8]> = []
  private static let searchLimit = 16

  /// Takes note of a key; false if it stands among the members before it.
  mutating func insert(_ key: String, behind members: [(key: String, value: JSON)]) -> Bool {
    guard members.count >= Self.searchLimit else {
      return !members.contains { UTF8Order.equal($0.key, key) }
    }
    if hashed.isEmpty { hashed = Set(members.map { Array($0.key.utf8) }) }
    return hashed.insert(Array(key.utf8)).inserted
  }
}
