import Primitives

/// A document as its reader gets it.
package struct DocumentText: Sendable {
  /// Its path in the folder; empty for a file that is read by itself.
  package let name: String
  package let bytes: [UInt8]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// The bytes behind a byte order mark.
  private var content: ArraySlice<UInt8> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
  }

  /// The text of a document that is plain text, without white space at its ends.
  ///
  /// Old collections mix encodings, within one file too (`bbc_news/sport/199.txt` has one such byte
  /// among 2,225 files), so a byte that is no UTF-8 is read as the character that it is in Latin-1,
  /// if it is one: 0xA0 to 0xFF. What was read so is told. Line ends become line feeds.
  ///
  /// - Returns: The text and where those bytes stand.
  /// - Throws: `RowProblem` for a byte that is neither, for UTF-16, and for an empty document.
  func plainText() throws(RowProblem) -> (text: String, latin1: [Int]) {
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
    guard !marks.contains(where: bytes.starts) else {
      throw RowProblem("the document is UTF-16", hint: "convert the file to UTF-8")
    }
    let (decoded, latin1) = try decode()
    let text = Scalar.trimmed(decoded)
    guard !text.isEmpty else { throw RowProblem("the document is empty") }
    return (text, latin1)
  }

  private func decode() throws(RowProblem) -> (text: String, latin1: [Int]) {
    let content = self.content
    if let zero = content.firstIndex(of: 0) {
      throw RowProblem("the document holds a zero byte, so it is no text", at: zero)
    }
    if let text = String(validating: lineFeeds(content), as: UTF8.self) { return (text, []) }
    var (text, latin1): ([UInt8], [Int]) = ([], [])
    text.reserveCapacity(content.count)
    var index = content.startIndex
    while index < content.endIndex {
      let length = UTF8Sequence.length(in: content, at: index)
      text.append(contentsOf: content[index..<index + length])
      index += length
      guard length == 0 else { continue }
      text.append(contentsOf: String(try latin1Character(content[index], at: index)).utf8)
      latin1.append(index)
      index += 1
    }
    return (String(decoding: lineFeeds(text[...]), as: UTF8.self), latin1)
  }

  private func latin1Character(_ byte: UInt8, at index: Int) throws(RowProblem) -> UnicodeScalar {
    guard byte >= 0xA0 else {
      throw RowProblem(
        "the document holds a byte that is no text, 0x\(String(byte, radix: 16, uppercase: true))",
        at: index,
        hint: "convert the file to UTF-8"
      )
    }
    return UnicodeScalar(byte)
  }

  /// The same with every line end (CR LF, or CR alone) a line feed.
  private func lineFeeds(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard text.contains(0x0D) else { return Array(text) }
    return text.indices.compactMap { index in
      guard text[index] == 0x0D else { return text[index] }
      let isPair = index + 1 < text.endIndex && text[index + 1] == 0x0A
      return isPair ? nil : 0x0A
    }
  }
}
