import Primitives
import Tasks

/// What the rows of a dataset say, in their order: 16 bytes a row, whatever their length.
struct RowContents: Sendable {
  /// Nil for a row that says nothing.
  let rows: [RecordContent?]
  private let sorted: [RecordContent]

  /// Reads the rows of a dataset object.
  ///
  /// Blocking.
  init(of path: String) throws {
    var rows: [RecordContent?] = []
    var lines = try LineReader(path: path)
    while let line = try lines.next() { rows.append(RecordContent(try Record(line: line))) }
    self.rows = rows
    sorted = rows.compactMap(\.self).sorted()
  }

  /// How many of these rows are among others, and the first of them.
  func overlap(with others: RowContents) -> (count: Int, first: (row: Int, other: Int))? {
    var count = 0
    var first: Int?
    for (index, content) in rows.enumerated() {
      guard let content, others.contains(content) else { continue }
      count += 1
      first = first ?? index
    }
    guard let first, let other = others.rows.firstIndex(of: rows[first]) else { return nil }
    return (count, (first, other))
  }

  private func contains(_ content: RecordContent) -> Bool {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < content { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && sorted[low] == content
  }

  /// The id of a row of a dataset object, by its number from 0.
  ///
  /// Blocking.
  static func id(ofRow number: Int, at path: String) throws -> String {
    var lines = try LineReader(path: path)
    for _ in 0..<number { _ = try lines.next() }
    return try lines.next().map { try Record(line: $0).id } ?? ""
  }
}
