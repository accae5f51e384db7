import Primitives

/// Completions by row id: none for a row that nobody answered.
struct CompletionIndex: ~Copyable {
  private var groups: CompletionGroups
  /// By the bytes of the id: texts that only look alike are two.
  private var passed: [[UInt8]: [CompletionRow]] = [:]

  init(path: String) throws {
    groups = try CompletionGroups(path: path)
  }

  mutating func find(_ id: String) throws -> [CompletionRow] {
    if let rows = passed.removeValue(forKey: Array(id.utf8)) { return rows }
    while let group = try groups.next() {
      if UTF8Order.equal(group[0].id, id) { return group }
      passed[Array(group[0].id.utf8)] = group
    }
    return []
  }
}

/// Labels by row id, for a dataset that may be a shuffled or shortened form of the labelled one.
///
/// As long as both are in one order a single line is held; a row asked for out of order makes it
/// read on and keep what it passed.
struct LabelIndex: ~Copyable {
  private var lines: LineReader
  /// By the bytes of the id.
  private var passed: [[UInt8]: LabelRow] = [:]

  init(path: String) throws {
    lines = try LineReader(path: path)
  }

  mutating func find(_ id: String) throws -> LabelRow? {
    if let row = passed.removeValue(forKey: Array(id.utf8)) { return row }
    while let line = try lines.next() {
      let row = try LabelRow(line: line)
      if UTF8Order.equal(row.id, id) { return row }
      passed[Array(row.id.utf8)] = row
    }
    return nil
  }
}

/// An index that a closure or a list can hold.
final class CompletionLookup {
  var index: CompletionIndex
  init(_ index: consuming CompletionIndex) { self.index = index }
}

/// An index that a closure or a list can hold.
final class LabelLookup {
  var index: LabelIndex
  init(_ index: consuming LabelIndex) { self.index = index }
}
