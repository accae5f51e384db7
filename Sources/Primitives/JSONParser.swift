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
struct JSONParser {
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

  func error(_ message: String, at offset: Int? = nil) -> JSONError {
    JSONError(offset: offset ?? index, message: message)
  }

  var current: UInt8? { index < bytes.count ? bytes[index] : nil }

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
}
