import Primitives

/// The loss curve in a job's result file.
enum FineTuningCurve {
  /// The rows of a table with a header (`step,train_loss,…`), as maps of its figures.
  ///
  /// OpenAI serves the table in Base64, Azure as it is. Cells without a number are left out, as are
  /// rows without any; a file that is no such table has no rows.
  static func rows(of file: [UInt8]) -> [JSON] {
    let text = text(of: file)
    var lines = text.utf8.split(omittingEmptySubsequences: true) { $0 == 0x0A || $0 == 0x0D }
      .map { Substring($0).split(separator: ",", omittingEmptySubsequences: false) }
    guard let header = lines.first, header.contains("step") else { return [] }
    lines.removeFirst()
    return lines.compactMap { row(header, $0) }
  }

  private static func row(_ header: [Substring], _ cells: [Substring]) -> JSON? {
    var members = JSONObject()
    for (name, cell) in zip(header, cells) {
      if let whole = Int64(cell) {
        members[String(name)] = .integer(whole)
      } else if let number = Double(cell), number.isFinite {
        members[String(name)] = .number(number)
      }
    }
    return members.isEmpty ? nil : .object(members)
  }

  private static func text(of file: [UInt8]) -> String {
    let bytes = file.starts(with: FineTuningFile.mark) ? Array(file.dropFirst(3)) : file
    // A table has commas, Base64 has none.
    let decoded = bytes.contains(UInt8(ascii: ",")) ? nil : decodedBase64(bytes)
    return String(decoding: decoded ?? bytes, as: UTF8.self)
  }

  /// RFC 4648, section 4; nil for anything else.
  private static func decodedBase64(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for character in text where character > 0x20 && character != UInt8(ascii: "=") {
      guard let value = sextet(character) else { return nil }
      bits = bits << 6 | value
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> count))
    }
    return bytes
  }

  private static func sextet(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - 65)
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - 71)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character + 4)
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
