extension JSON {
  /// The canonical text: what is hashed, stored and compared.
  ///
  /// Members sorted by the bytes of their keys, no white space, only `"`, `\` and control
  /// characters escaped (`\n`, `\t`, `\r`, `\b`, `\f`, else `\u00xx`), whole numbers as digits, other
  /// numbers in the shortest form that reads back the same and never without a point or exponent.
  /// A number that is no number is a bug: JSON has no word for it.
  package var canonical: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(512)
    write(into: &bytes, sorted: true)
    return bytes
  }

  package var canonicalText: String { String(decoding: canonical, as: UTF8.self) }

  /// One line with members in their own order, for streams that people read.
  package var compactText: String {
    var bytes: [UInt8] = []
    write(into: &bytes, sorted: false)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Indented by two spaces, members in their own order.
  package var prettyText: String {
    var bytes: [UInt8] = []
    writePretty(into: &bytes, indent: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(into bytes: inout [UInt8], sorted: Bool) {
    switch self {
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(into: &bytes, sorted: sorted)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      let members = sorted ? object.sortedMembers : object.members
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.write(text: member.key, into: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(into: &bytes, sorted: sorted)
      }
      bytes.append(UInt8(ascii: "}"))
    default: writeScalar(into: &bytes)
    }
  }

  private func writePretty(into bytes: inout [UInt8], indent: Int) {
    func newline(_ depth: Int) {
      bytes.append(UInt8(ascii: "\n"))
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }
    switch self {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newline(indent + 1)
        element.writePretty(into: &bytes, indent: indent + 1)
      }
      newline(indent)
      bytes.append(UInt8(ascii: "]"))
    case .object(let object) where !object.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newline(indent + 1)
        Self.write(text: member.key, into: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        member.value.writePretty(into: &bytes, indent: indent + 1)
      }
      newline(indent)
      bytes.append(UInt8(ascii: "}"))
    default: write(into: &bytes, sorted: false)
    }
  }

  private func writeScalar(into bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .number(let value):
      precondition(value.isFinite, "BUG: \(value) cannot be written as JSON")
      bytes.append(contentsOf: (value == 0 ? "0.0" : value.description).utf8)
    case .string(let text): Self.write(text: text, into: &bytes)
    case .array, .object: break
    }
  }

  private static func write(text: String, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { write(contents: $0, into: &bytes) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Copies runs of bytes that stand for themselves, and escapes what lies between them.
  private static func write(contents text: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) {
    var start = 0
    for (index, byte) in text.enumerated() {
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
      writeEscape(byte, into: &bytes)
      start = index + 1
    }
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
  }

  private static func writeEscape(_ byte: UInt8, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    default:
      bytes.append(contentsOf: "u00".utf8)
      bytes.append(UInt8(ascii: "0") + byte >> 4)
      bytes.append(
        byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") + byte & 15 - 10
      )
    }
  }
}

extension JSONObject {
  /// The members by the bytes of their keys; as they are if they stand in that order already.
  fileprivate var sortedMembers: [(key: String, value: JSON)] {
    let isSorted = zip(members, members.dropFirst()).allSatisfy {
      UTF8Order.less($0.key, $1.key)
    }
    return isSorted ? members : members.sorted { UTF8Order.less($0.key, $1.key) }
  }
}
