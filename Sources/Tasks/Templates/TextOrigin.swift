package import Diagnostics

/// Where a template's text came from, so that its tags have positions.
package struct TextOrigin: Sendable {
  private enum Kind: Sendable {
    /// A file's lines, and where in it the text starts.
    case file(lines: [String], start: Location)
    /// A part of a template read back from the store; the name says which text it is.
    case part(name: String)
  }

  private let kind: Kind

  private init(_ kind: Kind) { self.kind = kind }

  package static func file(lines: [String], start: Location) -> TextOrigin {
    TextOrigin(.file(lines: lines, start: start))
  }

  package static func part(_ name: String) -> TextOrigin { TextOrigin(.part(name: name)) }

  /// Where the n-th double brace of the text stands, counted from 0.
  ///
  /// In a YAML file the text may stand in quotes or as a block, but its braces stand there as they
  /// are and in the same order: so they are counted in the file, from the start of the text.
  func location(ofTag tag: Int, in text: String) -> Location? {
    switch kind {
    case .part(let name):
      Self.find(tag, in: text.split(separator: "\n", omittingEmptySubsequences: false)[...])
        .map { Location(file: name, line: $0.line + 1, column: $0.column, length: $0.length) }
    case .file(let lines, let start):
      Self.find(tag, in: lines[min(start.line - 1, lines.count)...], skipping: start.column - 1)
        .map { found in
          Location(
            file: start.file,
            line: start.line + found.line,
            column: found.column,
            length: found.length
          )
        } ?? start
    }
  }

  /// Line from 0 and column from 1 of the n-th double brace, and the width of its tag.
  private static func find(
    _ tag: Int,
    in lines: ArraySlice<some StringProtocol>,
    skipping: Int = 0
  ) -> (line: Int, column: Int, length: Int)? {
    var left = tag
    for (line, text) in lines.enumerated() {
      let scalars = Array(String(text).unicodeScalars)
      var index = line == 0 ? min(skipping, scalars.count) : 0
      while index + 1 < scalars.count {
        guard scalars[index] == "{", scalars[index + 1] == "{" else {
          index += 1
          continue
        }
        if left == 0 { return (line, index + 1, width(scalars[index...])) }
        left -= 1
        index += 2
      }
    }
    return nil
  }

  /// Up to the closing braces, or the opening ones alone where none follow on the line.
  private static func width(_ scalars: ArraySlice<UnicodeScalar>) -> Int {
    guard let close = scalars.ranges(of: ["}", "}"]).first else { return 2 }
    return close.upperBound - scalars.startIndex
  }
}
