import Primitives

/// Completions by row id: none for a row that nobody answered.
struct CompletionIndex: ~Copyable {
  private var groups: CompletionGroups
  private var passed: [String: [CompletionRow]] = [:]

  init(path: String) throws {
    groups = try CompletionGroups(path: path)
  }

  mutating func find(_ id: String) throws -> [CompletionRow] {
    if let rows = passed.removeValue(forKey: id) { return rows }
    while let group = try groups.next() {
      if UTF8Order.equal(group[0].id, id) { return group }
      passed[group[0].id] = group
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
  private var passed: [String: LabelRow] = [:]

  init(path: String) throws {
    lines = try LineReader(path: path)
  }

  mutating func find(_ id: String) throws -> LabelRow? {
    if let row = passed.removeValue(forKey: id) { return row }
    while let line = try lines.next() {
      let row = try LabelRow(line: line)
      if UTF8Order.equal(row.id, id) { return row }
      passed[row.id] = row
    }
    return nil
  }
}
