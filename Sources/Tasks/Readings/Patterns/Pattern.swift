/// A regular expression with the syntax and the meaning that Python's `re` gives it.
///
/// The evaluation harnesses that answers are compared with are written in Python, so their patterns
/// stand here as they are published. Matching tries alternatives in the same order and therefore
/// finds the same match, but remembers what failed: it takes a time that grows with the length of
/// the text times that of the pattern, whatever both are. Not read, and said so: back references,
/// atomic groups, possessive repeats, `(?x)`, `\N{…}`.
struct Pattern: Sendable {
  /// Where a match stands, in scalars of the text.
  struct Match: Hashable {
    let range: Range<Int>
    /// The groups from the first on; nil for one that took no part.
    let groups: [Range<Int>?]
  }

  let source: String
  private let program: PatternProgram

  /// Reads a pattern.
  ///
  /// - Throws: `PatternError` with the place and what is wrong there.
  init(_ source: String) throws(PatternError) {
    self.source = source
    var parser = PatternParser(source)
    let node = try parser.parse()
    program = try PatternProgram(node, groups: parser.groups)
  }

  /// A pattern of this project's own.
  init(known source: StaticString) {
    do throws(PatternError) {
      try self.init("\(source)")
    } catch {
      preconditionFailure("BUG: the pattern '\(source)': \(error)")
    }
  }

  var groups: Int { program.groups }

  /// The leftmost match, as `re.search` finds it.
  func first(in text: [Unicode.Scalar]) -> Match? {
    var matcher = PatternMatcher(program, text)
    return matcher.search(from: 0, mustAdvance: false)
  }

  /// All matches from left to right without overlaps, as `re.finditer` finds them.
  func all(in text: [Unicode.Scalar]) -> [Match] {
    var matcher = PatternMatcher(program, text)
    var matches: [Match] = []
    var start = 0
    var mustAdvance = false
    while start <= text.count, let match = matcher.search(from: start, mustAdvance: mustAdvance) {
      matches.append(match)
      start = match.range.upperBound
      // Behind an empty match the next one may start at the same place, if it is not empty too.
      mustAdvance = match.range.isEmpty
    }
    return matches
  }
}

/// What is wrong with a pattern.
struct PatternError: Error, Hashable, CustomStringConvertible {
  let what: String
  /// In scalars of the pattern, from 1.
  let place: Int

  var description: String { "\(what) at place \(place)" }
}
