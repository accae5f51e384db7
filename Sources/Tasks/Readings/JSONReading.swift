import Primitives

/// Finds a JSON value in a completion, and in it the value at a path.
///
/// Strict: the whole text is the value, or the value stands alone in a code fence. Flexible: the
/// first list or map in the text that is whole, of the first hundred that begin. A text is the
/// answer as it is, any other value in its canonical form.
struct JSONReading: Hashable, Sendable {
  let path: JSONPath?

  func read(_ text: String) -> ReadAnswer {
    ReadAnswer(
      strict: strict(text).flatMap(answer),
      flexible: flexible(text).flatMap(answer),
      equal: UTF8Order.equal
    )
  }

  private func answer(_ json: JSON) -> String? {
    guard let value = path.map({ $0.value(in: json) }) ?? json, !value.isNull else { return nil }
    return value.string ?? value.canonicalText
  }

  private func strict(_ text: String) -> JSON? {
    let trimmed = Scalar.trimmed(text)
    if let json = try? JSON(parsing: trimmed) { return json }
    guard trimmed.hasPrefix("```"), trimmed.hasSuffix("```"), trimmed.count > 6 else { return nil }
    let inside = trimmed.dropFirst(3).dropLast(3)
    guard let firstLine = inside.firstIndex(of: "\n") else { return nil }
    return try? JSON(parsing: String(inside[firstLine...]))
  }

  private func flexible(_ text: String) -> JSON? {
    let bytes = Array(text.utf8)
    var index = 0
    var tries = 0
    while tries < Self.tryLimit,
      let start = bytes[index...].firstIndex(where: { $0 == 0x5B || $0 == 0x7B })
    {
      tries += 1
      guard let end = Self.end(of: bytes[start...]) else {
        index = start + 1
        continue
      }
      if let json = try? JSON(parsing: bytes[start..<end]) { return json }
      index = start + 1
    }
    return nil
  }

  /// How many brackets are taken for the start of the value: each try may read the whole text.
  private static let tryLimit = 100

  /// Behind the bracket that closes the first one.
  private static func end(of bytes: ArraySlice<UInt8>) -> Int? {
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
        if depth == 0 { return index + 1 }
      default: break
      }
    }
    return nil
  }
}
