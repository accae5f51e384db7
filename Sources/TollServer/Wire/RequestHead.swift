/// The request line and headers of a request.
struct RequestHead: Sendable {
  let method: String
  /// Without the query.
  let path: String
  /// Names and values, percent-decoded, in order.
  let query: [(name: String, value: String)]
  let headers: [(name: String, value: String)]
  /// Whether the client said HTTP/1.1 and did not ask to close.
  let keepsAlive: Bool

  /// Reads the bytes up to the blank line; nil where they are no HTTP request.
  init?(_ bytes: [UInt8]) {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: true).map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
    method = String(words[0])
    let sides = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(sides[0])
    query = sides.count == 2 ? Self.query(sides[1]) : []
    headers = lines.dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      return (line[..<colon].lowercased(), String(value))
    }
    let connection = headers.first { $0.name == "connection" }?.value.lowercased()
    keepsAlive = words[2] == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
  }

  /// The first value of a header, by its name in lower case.
  subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

  func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  private static func query(_ text: Substring) -> [(name: String, value: String)] {
    text.split(separator: "&").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (decoded(sides[0]), sides.count == 2 ? decoded(sides[1]) : "")
    }
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
