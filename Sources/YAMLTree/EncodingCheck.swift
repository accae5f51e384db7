import Diagnostics

/// Finds the bytes that keep a file from being YAML text at all.
///
/// libyaml would stop at the first of them; here each is a problem of its own.
struct EncodingCheck {
  private let text: TextMap
  private let limit: Int
  private(set) var problems: [Problem] = []

  init(_ bytes: ArraySlice<UInt8>, text: TextMap, limit: Int) {
    self.text = text
    self.limit = limit
    scan(bytes)
  }

  private mutating func scan(_ bytes: ArraySlice<UInt8>) {
    var index = bytes.startIndex
    var scalar = 0
    while index < bytes.endIndex, problems.count < limit {
      let byte = bytes[index]
      if byte >= 0x20 && byte < 0x7F || byte == 0x0A || byte == 0x09 || byte == 0x0D {
        index += 1
        scalar += 1
        continue
      }
      guard let decoded = Self.decode(bytes[index...]) else {
        reportInvalid(byte, at: scalar)
        return
      }
      if !Self.isAllowed(decoded.value) { reportForbidden(decoded.value, at: scalar) }
      index += decoded.length
      scalar += 1
    }
  }

  private mutating func reportInvalid(_ byte: UInt8, at scalar: Int) {
    problems.append(
      Problem(
        "the file is not UTF-8: found the byte 0x" + String(byte, radix: 16, uppercase: true),
        at: text.location(scalar..<scalar + 1),
        hint: "save the file as UTF-8"
      )
    )
  }

  private mutating func reportForbidden(_ value: UInt32, at scalar: Int) {
    let digits = String(value, radix: 16, uppercase: true)
    let code = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    let escape = value < 0x100 ? "\\x\(code.suffix(2))" : "\\u\(code)"
    problems.append(
      Problem(
        "character U+\(code) cannot stand in YAML as it is",
        at: text.location(scalar..<scalar + 1),
        hint: value == 0 ? "remove it" : "remove it, or write it in double quotes as \(escape)"
      )
    )
  }

  /// The characters of YAML 1.2.2, section 5.1, without U+0085, U+2028 and U+2029: libyaml takes
  /// these for line breaks, as YAML 1.1 did, and would fold them to spaces unseen.
  private static func isAllowed(_ value: UInt32) -> Bool {
    switch value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E: true
    case 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  /// One scalar of well-formed UTF-8 (Unicode Standard, table 3-7).
  private static func decode(_ bytes: ArraySlice<UInt8>) -> (value: UInt32, length: Int)? {
    guard let lead = bytes.first else { return nil }
    let shape: (length: Int, bits: UInt32, least: UInt32)
    switch lead {
    case 0..<0x80: return (UInt32(lead), 1)
    case 0xC2...0xDF: shape = (2, UInt32(lead & 0x1F), 0x80)
    case 0xE0...0xEF: shape = (3, UInt32(lead & 0x0F), 0x800)
    case 0xF0...0xF4: shape = (4, UInt32(lead & 0x07), 0x10000)
    default: return nil
    }
    let tail = bytes.dropFirst().prefix(shape.length - 1)
    guard tail.count == shape.length - 1, tail.allSatisfy({ $0 & 0xC0 == 0x80 }) else { return nil }
    let value = tail.reduce(shape.bits) { $0 << 6 | UInt32($1 & 0x3F) }
    guard value >= shape.least, Unicode.Scalar(value) != nil else { return nil }
    return (value, shape.length)
  }
}
