/// The body of a request: pieces sent one behind the other.
///
/// A file is read while it is sent, so that an upload need not fit in memory.
package struct HTTPBody: Sendable {
  package enum Piece: Sendable {
    case bytes([UInt8])
    case file(path: String)
  }

  package let pieces: [Piece]

  package init(_ pieces: [Piece]) { self.pieces = pieces }

  package static let empty = HTTPBody([])

  package static func bytes(_ bytes: [UInt8]) -> HTTPBody { HTTPBody([.bytes(bytes)]) }
}

/// A form of several parts, one of them a file (`multipart/form-data`, RFC 7578).
///
/// Written here and not by `curl_mime`, since libcurl rewinds its own forms and so could send one
/// twice (see `BodyReader`).
package struct MultipartForm: Sendable {
  /// A text that no part contains, of at most 70 characters (RFC 2046, section 5.1.1).
  package let boundary: String
  private var pieces: [HTTPBody.Piece] = []

  package init(boundary: String) {
    precondition((1...70).contains(boundary.utf8.count), "BUG: boundary '\(boundary)'")
    self.boundary = boundary
  }

  package var contentType: String { "multipart/form-data; boundary=\(boundary)" }

  package var body: HTTPBody { HTTPBody(pieces + [.bytes(Array("--\(boundary)--\r\n".utf8))]) }

  package mutating func add(field name: String, value: String) {
    pieces.append(.bytes(head("name=\"\(Self.quoted(name))\"") + Array("\(value)\r\n".utf8)))
  }

  /// Adds the bytes of the file at `path` under the name that the server is to see.
  package mutating func add(field name: String, file path: String, named fileName: String) {
    let disposition = "name=\"\(Self.quoted(name))\"; filename=\"\(Self.quoted(fileName))\""
    pieces.append(.bytes(head(disposition, type: "application/octet-stream")))
    pieces.append(.file(path: path))
    pieces.append(.bytes(Array("\r\n".utf8)))
  }

  private func head(_ disposition: String, type: String? = nil) -> [UInt8] {
    let typeLine = type.map { "Content-Type: \($0)\r\n" } ?? ""
    return Array(
      "--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n\(typeLine)\r\n".utf8
    )
  }

  /// The escapes that browsers use for names (HTML, "multipart/form-data encoding algorithm").
  private static func quoted(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"": text += "%22"
      case "\r": text += "%0D"
      case "\n": text += "%0A"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
