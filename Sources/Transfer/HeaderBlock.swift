/// The header lines of an answer as they arrived, read when somebody asks.
///
/// Most are never asked for, and taking each apart costs as much as reading the rest of the answer.
package struct HeaderBlock: Sendable {
  /// The lines with their ends, without the status line.
  private var bytes: [UInt8] = []

  /// Largest block in bytes; servers send some hundreds.
  static let limit = 1 << 20

  /// An empty block.
  package init() {}

  /// A block of these headers.
  package init(_ headers: [HTTPHeader]) {
    for header in headers { bytes += "\(header.name): \(header.value)\r\n".utf8 }
  }

  var count: Int { bytes.count }

  mutating func append(_ line: UnsafeRawBufferPointer) {
    if bytes.isEmpty { bytes.reserveCapacity(1024) }
    bytes.append(contentsOf: line)
  }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// All headers, in the order in which they came; lines without a colon are none.
  package var headers: [HTTPHeader] {
    var headers: [HTTPHeader] = []
    var lines = Lines(bytes: bytes)
    while let line = lines.next() {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = String(decoding: line[..<colon], as: UTF8.self)
      headers.append(HTTPHeader(name, Self.value(line, behind: colon)))
    }
    return headers
  }

  /// The value of the first header of that name, whatever its case.
  package func value(of name: String) -> String? {
    var lines = Lines(bytes: bytes)
    while let line = lines.next() {
      if let colon = Self.end(of: name, in: line) { return Self.value(line, behind: colon) }
    }
    return nil
  }

  /// The place of the colon if the line is a header of that name.
  private static func end(of name: String, in line: ArraySlice<UInt8>) -> Int? {
    var index = line.startIndex
    for byte in name.utf8 {
      guard index < line.endIndex, lowercased(line[index]) == lowercased(byte) else { return nil }
      index += 1
    }
    return index < line.endIndex && line[index] == UInt8(ascii: ":") ? index : nil
  }

  /// The text without the white space around it.
  private static func value(_ line: ArraySlice<UInt8>, behind colon: Int) -> String {
    var value = line[(colon + 1)...]
    while let first = value.first, isSpace(first) { value.removeFirst() }
    while let last = value.last, isSpace(last) { value.removeLast() }
    return String(decoding: value, as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D
  }

  /// Names are ASCII: no other letters have a case that matters.
  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  /// The lines one by one, without an array of them.
  private struct Lines {
    let bytes: [UInt8]
    private var start = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> ArraySlice<UInt8>? {
      guard start < bytes.count else { return nil }
      let rest = bytes[start...]
      let end = rest.firstIndex(of: 0x0A) ?? bytes.count
      start = end + 1
      return rest[..<end]
    }
  }
}
