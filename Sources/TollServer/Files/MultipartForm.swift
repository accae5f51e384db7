import Foundation

/// The parts of a `multipart/form-data` body (RFC 7578 over RFC 2046, section 5.1).
///
/// Strict, since a body cut short must not pass for a shorter file.
struct MultipartForm: Sendable {
  struct Part: Sendable {
    let name: String
    let filename: String?
    let content: [UInt8]
  }

  let parts: [Part]

  subscript(name: String) -> Part? { parts.first { $0.name == name } }

  init(_ body: [UInt8], contentType: String) throws(ServiceError) {
    guard contentType.lowercased().hasPrefix("multipart/form-data"),
      let boundary = Self.parameter("boundary", of: contentType)
    else { throw Self.malformed("content type '\(contentType)' is no form with a boundary") }
    // With a line end before it the first boundary is like the others.
    let data = Data("\r\n".utf8) + Data(body)
    let marker = Data("\r\n--\(boundary)".utf8)
    guard var end = data.range(of: marker) else { throw Self.malformed("it has no boundary") }
    var parts: [Part] = []
    while !data[end.upperBound...].starts(with: "--".utf8) {
      guard data[end.upperBound...].starts(with: "\r\n".utf8),
        let next = data.range(of: marker, in: end.upperBound..<data.endIndex)
      else { throw Self.malformed("a part is cut short") }
      parts.append(try Self.part(data[(end.upperBound + 2)..<next.lowerBound]))
      end = next
    }
    self.parts = parts
  }

  private static func part(_ data: Data) throws(ServiceError) -> Part {
    // A part without headers begins with the blank line itself.
    guard let blank = data.range(of: Data("\r\n\r\n".utf8)) else {
      throw malformed("a part has no headers")
    }
    let headers = String(decoding: data[data.startIndex..<blank.lowerBound], as: UTF8.self)
    let disposition = headers.split(separator: "\r\n").first { line in
      line.lowercased().hasPrefix("content-disposition:")
    }
    guard let disposition, let name = parameter("name", of: String(disposition)) else {
      throw malformed("a part has no name")
    }
    return Part(
      name: name,
      filename: parameter("filename", of: String(disposition)),
      content: Array(data[blank.upperBound...])
    )
  }

  /// The value of `; name=value` or `; name="value"`.
  private static func parameter(_ name: String, of header: String) -> String? {
    for piece in header.split(separator: ";").dropFirst() {
      let sides = piece.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, sides[0].trimmingCharacters(in: .whitespaces).lowercased() == name
      else { continue }
      return sides[1].trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
    }
    return nil
  }

  private static func malformed(_ message: String) -> ServiceError {
    .invalid("file", "The form cannot be read: \(message).")
  }
}
