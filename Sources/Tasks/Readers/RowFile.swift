import Diagnostics
import Primitives

/// A row's place in its file: enough to read it again without the rows before it.
struct RowSpan: Hashable, Sendable {
  /// Of the row's first byte, from 0.
  let offset: Int
  /// In bytes, without the end of the line.
  let length: Int
}

/// The rows of a file as bytes, one at a time, so that no file need fit in memory.
///
/// What a row is depends on the layout; a byte order mark at the start belongs to none.
struct RowFile: ~Copyable {
  /// Told by how the file starts.
  let form: RowForm
  private let file: OpenFile
  private var scanner: RowScanner
  private var buffer: [UInt8]
  /// Where the next row starts in the buffer.
  private var start: Int
  /// Where the buffer starts in the file.
  private var bufferOffset = 0
  private var atEnd: Bool

  /// Opens the file, which messages call by its name; its form is told by how it starts.
  ///
  /// A folder, which opens but cannot be read, is refused here too.
  init(
    path: String,
    name: String,
    form: (ArraySlice<UInt8>) -> RowForm
  ) throws(SystemError) {
    let file = try OpenFile(path: path, name: name)
    var first: [UInt8] = []
    atEnd = try file.append(to: &first, size: Self.pieceSize) == 0
    start = first.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    self.form = form(first[start...])
    self.file = file
    buffer = first
    scanner = RowScanner(layout: self.form.layout)
  }

  private static let pieceSize = 256 * 1024

  /// The next row and its place; nil behind the last.
  ///
  /// - Throws: `SystemError` when reading fails, `Problem` when the file has another layout.
  mutating func next() throws -> (bytes: [UInt8], span: RowSpan)? {
    while true {
      let step: RowScanner.Step
      do throws(RowScanner.Fault) {
        step = try scanner.step(buffer[start...], atEnd: atEnd)
      } catch {
        throw Problem(
          error.message,
          at: try location(of: bufferOffset + error.index),
          hint: error.hint
        )
      }
      switch step {
      case .row(let range, let next):
        start = next
        if buffer[range].allSatisfy(\.isJSONSpace) { continue }
        let span = RowSpan(offset: bufferOffset + range.lowerBound, length: range.count)
        return (Array(buffer[range]), span)
      case .more: try fill()
      case .finished: return nil
      }
    }
  }

  /// Reads one row again.
  func bytes(at span: RowSpan) throws(SystemError) -> [UInt8] {
    try file.bytes(at: span.offset, count: span.length)
  }

  /// Line and column of a byte; it reads the file up to there.
  func location(of offset: Int) throws(SystemError) -> Location {
    try file.location(of: offset)
  }

  /// Drops the rows already given out and reads behind what is left: a piece, or as much again as
  /// an unfinished row holds, so that a long row is copied a few times only.
  private mutating func fill() throws(SystemError) {
    buffer.removeFirst(start)
    bufferOffset += start
    start = 0
    atEnd = try file.append(to: &buffer, size: max(Self.pieceSize, buffer.count)) == 0
  }
}

extension UInt8 {
  /// Space, tab, line feed or carriage return: what JSON allows between values.
  var isJSONSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
