/// The parts of a `multipart/form-data` body.
///
/// Source: RFC 7578 over RFC 2046, section 5.1. Strict: lines end with CR LF, every part has a name,
/// the last boundary is closed; a body cut short must not pass for a shorter file.
package struct MultipartForm: Sendable {
  package struct Part: Sendable, Hashable {
    package let name: String
    package let filename: String?
    package let content: [UInt8]
  }

  package let parts: [Part]

  package subscript(name: String) -> Part? { parts.first { $0.name == name } }

  package init(_ body: [UInt8], contentType: String) throws(APIError) {
    guard let boundary = Self.boundary(of: contentType) else {
      throw Self.malformed("content type '\(contentType)' is not 'multipart/form-data; boundary=…'")
    }
    var scanner = Scanner(bytes: body, marker: Array("\r\n--\(boundary)".utf8))
    parts = try scanner.parts()
  }

  private static func malformed(_ message: String) -> APIError {
    APIError(status: 400, "the form cannot be read: \(message)", code: "invalid_form")
  }

  /// The boundary of 1 to 70 characters that a content type names.
  private static func boundary(of contentType: String) -> String? {
    let header = HeaderValue(contentType)
    guard header.value == "multipart/form-data", let boundary = header["boundary"],
      (1...70).contains(boundary.utf8.count)
    else { return nil }
    return boundary
  }

  /// Walks over the body from boundary to boundary.
  private struct Scanner {
    let bytes: [UInt8]
    let marker: [UInt8]
    var index = 0

    init(bytes: [UInt8], marker: [UInt8]) {
      self.bytes = bytes
      self.marker = marker
    }

    mutating func parts() throws(APIError) -> [Part] {
      // The first boundary may stand at the very start, without the line end before it.
      if bytes.starts(with: marker.dropFirst(2)) {
        index = marker.count - 2
      } else {
        guard let start = position(of: marker) else { throw malformed("no boundary is in it") }
        index = start + marker.count
      }
      var parts: [Part] = []
      while !skip("--") {
        guard skip("\r\n") else { throw malformed("a boundary does not end its line") }
        parts.append(try part())
      }
      return parts
    }

    /// Reads headers and content up to the next boundary, and steps behind that.
    private mutating func part() throws(APIError) -> Part {
      var name: String?
      var filename: String?
      while !skip("\r\n") {
        guard let end = position(of: [0x0D, 0x0A]) else { throw malformed("a header is cut short") }
        let line = String(decoding: bytes[index..<end], as: UTF8.self)
        index = end + 2
        let sides = line.split(separator: ":", maxSplits: 1)
        guard sides.count == 2, sides[0].lowercased() == "content-disposition" else { continue }
        let header = HeaderValue(String(sides[1]))
        name = header["name"]
        filename = header["filename"]
      }
      guard let name else { throw malformed("a part has no name") }
      // The line end before a boundary belongs to it, also where the content is empty.
      index -= 2
      guard let end = position(of: marker) else { throw malformed("part '\(name)' is cut short") }
      let content = Array(bytes[min(index + 2, end)..<end])
      index = end + marker.count
      return Part(name: name, filename: filename, content: content)
    }

    private mutating func skip(_ text: String) -> Bool {
      guard bytes[index...].starts(with: text.utf8) else { return false }
      index += text.utf8.count
      return true
    }

    /// Where a pattern starts, from the present place on.
    private func position(of pattern: [UInt8]) -> Int? {
      guard bytes.count >= pattern.count, let first = pattern.first else { return nil }
      let last = bytes.count - pattern.count
      return bytes.withUnsafeBufferPointer { bytes in
        var place = index
        while place <= last {
          if bytes[place] == first, pattern.indices.allSatisfy({ bytes[place + $0] == pattern[$0] })
          {
            return place
          }
          place += 1
        }
        return nil
      }
    }

    private func malformed(_ message: String) -> APIError { MultipartForm.malformed(message) }
  }
}
