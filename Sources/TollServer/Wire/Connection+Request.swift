extension Connection {
  /// Why a request's body did not come whole.
  enum BodyFailure: Error {
    /// The client went away.
    case gone
    case tooLarge
    case malformed
  }

  /// Bytes of the largest body that is taken.
  private static var limit: Int { 512 << 20 }

  /// The body that the headers announce, by length or in chunks.
  mutating func readBody(of head: RequestHead) throws(BodyFailure) -> [UInt8] {
    if head["expect"]?.lowercased() == "100-continue" {
      guard send("HTTP/1.1 100 Continue\r\n\r\n".utf8) else { throw .gone }
    }
    if head["transfer-encoding"]?.lowercased() == "chunked" { return try readChunks() }
    guard let text = head["content-length"] else { return [] }
    guard let length = Int(text), length >= 0 else { throw .malformed }
    guard length <= Self.limit else { throw .tooLarge }
    guard let body = take(length) else { throw .gone }
    return body
  }

  private mutating func readChunks() throws(BodyFailure) -> [UInt8] {
    var body: [UInt8] = []
    while true {
      guard let line = takeLine() else { throw .gone }
      guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else {
        throw .malformed
      }
      guard body.count + size <= Self.limit else { throw .tooLarge }
      if size == 0 { break }
      guard let chunk = take(size), take(2) != nil else { throw .gone }
      body += chunk
    }
    // Trailers end at an empty line.
    while let line = takeLine() {
      if line.isEmpty { return body }
    }
    throw .gone
  }

  private mutating func takeLine() -> String? {
    var line: [UInt8] = []
    while let byte = take(1)?.first {
      if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
      if byte != 0x0D { line.append(byte) }
      guard line.count < 4_096 else { return nil }
    }
    return nil
  }
}
