/// One `import` in a source file.
struct ImportLine: Equatable {
  /// Relative to the project.
  let file: String
  /// Counted from 1.
  let line: Int
  let module: String

  /// All imports of a file, whatever their access level and attributes.
  static func all(in text: String, file: String) -> [ImportLine] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
      // Most lines are none, and the search for a word is many times quicker than the pattern.
      guard line.contains("import "), let match = line.prefixMatch(of: statement) else {
        return nil
      }
      return ImportLine(file: file, line: index + 1, module: String(match.output.1))
    }
  }

  /// `import X`, `package import X`, `@preconcurrency import X`, `import struct X.Y`.
  private static var statement: Regex<(Substring, Substring)> {
    #/
      \s*
      (?: @\w+ (?: \([^)]*\) )? \s+ )*
      (?: (?: public | package | internal | fileprivate | private ) \s+ )?
      import \s+
      (?: (?: typealias | struct | class | enum | protocol | let | var | func ) \s+ )?
      (\w+)
    /#
  }
}
