import Primitives
import TestSupport
import Testing

@Suite("Lines of a file")
struct LineReaderTests {
  /// All lines of a file with this text.
  private func lines(of text: String) throws -> [String] {
    let folder = try TemporaryFolder()
    var reader = try LineReader(path: try folder.write(text, to: "lines.txt"))
    var lines: [String] = []
    while let line = try reader.next() {
      lines.append(String(decoding: line, as: UTF8.self))
      #expect(reader.lineNumber == lines.count)
    }
    return lines
  }

  @Test(
    "splits at line feeds, drops carriage returns before them",
    arguments: [
      ("", []),
      ("a", ["a"]),
      ("a\n", ["a"]),
      ("a\nb", ["a", "b"]),
      ("a\r\nb\r\n", ["a", "b"]),
      ("\n\n", ["", ""]),
      ("a\rb\n", ["a\rb"]),
      ("a\r\r\n", ["a\r"]),
      ("a\u{2028}b\u{85}c\n", ["a\u{2028}b\u{85}c"]),
      ("\u{FEFF}a\n\u{FEFF}b", ["a", "\u{FEFF}b"]),
      ("\u{FEFF}", [""]),
    ] as [(String, [String])]
  )
  func splitting(text: String, expected: [String]) throws {
    let read = try lines(of: text)
    #expect(read.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test("lines across and longer than the buffer come whole")
  func longLines() throws {
    let sizes = [1, 262_142, 262_143, 262_144, 262_145, 3, 1_000_000, 0, 7]
    let text = sizes.enumerated().map { index, size in
      String(repeating: String(index), count: size) + "\n"
    }
    let read = try lines(of: text.joined())
    #expect(read.map(\.utf8.count) == sizes)
    for (index, line) in read.enumerated() {
      #expect(line.utf8.allSatisfy { $0 == UInt8(ascii: "0") + UInt8(index) })
    }
  }

  @Test("a carriage return at the end of a buffer still belongs to the line feed behind it")
  func splitLineEnd() throws {
    let first = String(repeating: "x", count: 262_143)
    #expect(try lines(of: first + "\r\ny\n") == [first, "y"])
  }

  @Test("asking behind the end gives nothing again")
  func behindTheEnd() throws {
    let folder = try TemporaryFolder()
    var reader = try LineReader(path: try folder.write("a", to: "one.txt"))
    _ = try reader.next()
    let second = try reader.next()
    let third = try reader.next()
    #expect(second == nil && third == nil)
    #expect(reader.lineNumber == 1)
  }

  @Test("a missing file and a folder are named in the error")
  func failures() throws {
    let folder = try TemporaryFolder()
    let missing = "\(folder.path)/missing.txt"
    let error = #expect(throws: SystemError.self) { _ = try LineReader(path: missing) }
    #expect(error?.description == "cannot open '\(missing)': No such file or directory")

    let path = folder.path
    let unreadable = #expect(throws: SystemError.self) {
      var reader = try LineReader(path: path)
      _ = try reader.next()
    }
    #expect(unreadable?.description == "cannot read '\(path)': Is a directory")
  }
}
