import Primitives

/// The characters of XML text and attributes.
enum XMLText {
  private static let entities: [(name: String, character: UnicodeScalar)] = [
    ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"),
  ]

  /// Text with its references replaced and its line ends made line feeds.
  static func decode(_ bytes: ArraySlice<UInt8>) throws(RowProblem) -> String {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: "&"):
        decoded.append(contentsOf: String(try reference(bytes, at: &index)).utf8)
        continue
      case 0x0D:
        // A carriage return stands for a line feed, but for one that is followed by it.
        if bytes[index...].dropFirst().first != 0x0A { decoded.append(0x0A) }
      case 0x00..<0x20 where !bytes[index].isJSONSpace:
        throw RowProblem("the document holds a control character", at: index)
      default: decoded.append(bytes[index])
      }
      index += 1
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// The character that a reference such as `&quot;` or `&#233;` stands for.
  private static func reference(
    _ bytes: ArraySlice<UInt8>,
    at index: inout Int
  ) throws(RowProblem) -> UnicodeScalar {
    let start = index
    guard let end = bytes[start...].prefix(16).firstIndex(of: UInt8(ascii: ";")) else {
      throw RowProblem("'&' begins no reference", at: start, hint: "write '&amp;' for a plain '&'")
    }
    let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    index = end + 1
    if let entity = entities.first(where: { $0.name == name }) { return entity.character }
    guard name.hasPrefix("#"), let scalar = scalar(name.dropFirst()) else {
      throw RowProblem(
        "'&\(name);' is no reference that is read",
        at: start,
        hint: "XML's own are '&amp;', '&lt;', '&gt;', '&quot;', '&apos;', and numbers as '&#233;'"
      )
    }
    return scalar
  }

  /// The character of a number, if XML allows it.
  private static func scalar(_ number: Substring) -> UnicodeScalar? {
    let isHexadecimal = number.hasPrefix("x")
    let digits = isHexadecimal ? number.dropFirst() : number
    guard digits.utf8.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit }),
      let value = UInt32(digits, radix: isHexadecimal ? 16 : 10),
      value >= 0x20 || value == 0x09 || value == 0x0A || value == 0x0D,
      value & 0xFFFE != 0xFFFE
    else { return nil }
    return UnicodeScalar(value)
  }
}
