package import Diagnostics

/// Reads YAML into a tree with positions.
package enum YAMLLoader {
  /// Reads one document.
  ///
  /// Everything that is wrong is reported at once, as far as libyaml can read on: it stops at the
  /// first break of the syntax, other than an unquoted `${name}`, which is read over.
  ///
  /// - Parameters:
  ///   - bytes: The file, in UTF-8, with or without a byte order mark.
  ///   - file: The name that problems give as their place.
  ///   - limits: What the document may cost.
  /// - Returns: The tree; a null where the file holds nothing.
  /// - Throws: All problems, in the order of their places.
  package static func load(
    _ bytes: [UInt8],
    file: String,
    limits: YAMLLimits = YAMLLimits()
  ) throws(Problems) -> YAMLNode {
    guard bytes.count <= limits.bytes else {
      throw Problems([tooLarge(limits, file: file)])
    }
    if let problem = foreignEncoding(of: bytes, file: file) { throw Problems([problem]) }
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let text = TextMap(content, file: file)
    let encoding = EncodingCheck(content, text: text, limit: limits.problems)
    guard encoding.problems.isEmpty else { throw Problems(encoding.problems) }
    // libyaml wants an address, which an empty array does not have.
    guard !content.isEmpty else { return YAMLNode(.null, at: text.location(0..<0)) }
    return try read(Array(content), text: text, limits: limits)
  }

  private static func read(_ content: [UInt8], text: TextMap, limits: YAMLLimits) throws(Problems)
    -> YAMLNode
  {
    var bytes = content
    var syntax: [Problem] = []
    while true {
      var builder = TreeBuilder(text: text, limits: limits)
      let (tree, failure) = build(bytes, with: &builder)
      if let failure {
        let broken = SyntaxProblem(failure, in: bytes, text: text)
        syntax.append(broken.problem)
        if let braces = broken.unquotedSubstitution, syntax.count < mostRepairs(bytes) {
          bytes[braces.lowerBound] = UInt8(ascii: "_")
          bytes[braces.upperBound] = UInt8(ascii: "_")
          continue
        }
      }
      let all = (builder.problems + syntax).sorted { $0.precedes($1) }
      guard all.isEmpty, let tree else { throw Problems(all) }
      return tree
    }
  }

  /// How often to read on behind an unquoted `${name}`: reading anew costs the file's length.
  private static func mostRepairs(_ bytes: [UInt8]) -> Int {
    max(1, min(100, (4 << 20) / max(1, bytes.count)))
  }

  private static func build(_ bytes: [UInt8], with builder: inout TreeBuilder)
    -> (tree: YAMLNode?, failure: EventParser.Failure?)
  {
    bytes.withUnsafeBufferPointer { buffer in
      var parser = EventParser(buffer)
      do throws(EventParser.Failure) {
        return (try builder.build(from: &parser), nil)
      } catch {
        return (nil, error)
      }
    }
  }

  private static func tooLarge(_ limits: YAMLLimits, file: String) -> Problem {
    Problem(
      "the file is larger than \(limits.bytes) bytes",
      at: Location(file: file, line: 1, column: 1),
      hint: "rows belong in a data file that a dataset node reads"
    )
  }

  private static func foreignEncoding(of bytes: [UInt8], file: String) -> Problem? {
    guard bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) else { return nil }
    return Problem(
      "the file is UTF-16, not UTF-8",
      at: Location(file: file, line: 1, column: 1),
      hint: "save the file as UTF-8"
    )
  }
}

extension Problem {
  /// Whether the problem stands before another one in their file.
  fileprivate func precedes(_ other: Problem) -> Bool {
    guard let own = location, let theirs = other.location else { return location == nil }
    return (own.line, own.column) < (theirs.line, theirs.column)
  }
}
