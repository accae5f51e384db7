/// The bytes of a source, cut into lines at LF, CRLF or CR.
struct SourceText {
  private let bytes: [UInt8]
  private let lineStarts: [Int]

  init(_ bytes: [UInt8]) {
    // A byte order mark is no part of the first line: columns are counted without it.
    var starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
    for (index, byte) in bytes.enumerated() {
      let isBreak = byte == 0x0A || (byte == 0x0D && bytes.dropFirst(index + 1).first != 0x0A)
      if isBreak { starts.append(index + 1) }
    }
    self.bytes = bytes
    lineStarts = starts
  }

  /// Bytes of a line above which it is not shown: an excerpt would help nobody, and looking for
  /// its columns again for each problem would cost more than the reading.
  private static let longestLine = 1 << 14

  /// A line, by its number from 1, without its end; nil where the text has no such line, or it is
  /// too long to be shown.
  func line(_ number: Int) -> String? {
    guard lineStarts.indices.contains(number - 1) else { return nil }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    guard end - start <= Self.longestLine else { return nil }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }
}
