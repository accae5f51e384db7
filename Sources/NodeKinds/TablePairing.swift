import Execution
import Primitives
import Store
import Tasks

/// Compares the columns of a table on the rows that both were scored on.
///
/// In each row of the table every column is compared with the one that it is marked against, or,
/// without `mark`, with the first. Means over several scores are not compared: what would be paired
/// with what is not known.
struct TablePairing {
  let grid: TableGrid
  let marks: TableMarks
  let objects: ObjectStore

  func pairs() async throws -> [TablePair] {
    var pairs: [TablePair] = []
    for row in grid.rows.indices {
      for first in references(row) {
        for second in grid.columns.indices where isComparable(row, first, second) {
          if let pair = try await pair(row, first, second) { pairs.append(pair) }
        }
      }
    }
    return pairs
  }

  /// The columns that others are compared with, one for each value shown.
  private func references(_ row: Int) -> [Int] {
    let marked = marks.references(grid.rows[row])
    var references: [Int] = []
    for column in grid.columns.indices {
      guard let source = grid.only(row: row, column: column) else { continue }
      let value = grid.columns[column].value
      guard !references.contains(where: { grid.columns[$0].value == value }),
        marked.isEmpty || marked.contains(source.input.instance)
      else { continue }
      references.append(column)
    }
    return references
  }

  private func isComparable(_ row: Int, _ first: Int, _ second: Int) -> Bool {
    guard first != second, grid.columns[first].value == grid.columns[second].value,
      let one = grid.only(row: row, column: first),
      let other = grid.only(row: row, column: second),
      one.input.instance != other.input.instance
    else { return false }
    // Scores that do not say what they are of are compared by the ids of their rows alone.
    guard let data = one.data, let theirs = other.data else { return true }
    return data == theirs
  }

  private func pair(_ row: Int, _ first: Int, _ second: Int) async throws -> TablePair? {
    guard let one = grid.only(row: row, column: first)?.input.artifact[Part.rows],
      let other = grid.only(row: row, column: second)?.input.artifact[Part.rows]
    else { return nil }
    let name = grid.columns[first].value.name
    let paths = (try await objects.verifiedPath(one), try await objects.verifiedPath(other))
    let figure = try await Blocking.run {
      try Self.compare(name, try LineReader(path: paths.0), try LineReader(path: paths.1))
    }
    return figure.map {
      TablePair(
        row: grid.rows[row],
        first: grid.columns[first].heading,
        second: grid.columns[second].heading,
        figure: $0
      )
    }
  }

  /// Compares two files of results, which are in the order of one dataset.
  private static func compare(
    _ figure: String,
    _ first: consuming LineReader,
    _ second: consuming LineReader
  ) throws -> PairedFigure? {
    if figure == "\(Ratings.name).\(Ratings.figures[0])" {
      return try rows(first, second, RatedRow.init(json:), id: \.id).flatMap(
        PairedDifference.ofRatings
      )
    }
    guard PairedDifference.figures.contains(figure) else { return nil }
    return try rows(first, second, RowResult.init(json:), id: \.id).flatMap {
      PairedDifference.of(figure, $0)
    }
  }

  /// The rows of two files side by side; nil where they are not of the same ids in the same order.
  private static func rows<Row>(
    _ first: consuming LineReader,
    _ second: consuming LineReader,
    _ read: (JSON) -> Row?,
    id: (Row) -> String
  ) throws -> [(first: Row, second: Row)]? {
    var pairs: [(first: Row, second: Row)] = []
    while true {
      let lines = (try first.next(), try second.next())
      guard let one = lines.0, let other = lines.1 else {
        return lines.0 == nil && lines.1 == nil ? pairs : nil
      }
      guard let left = read(try JSON(parsing: one)), let right = read(try JSON(parsing: other)),
        UTF8Order.equal(id(left), id(right))
      else { return nil }
      pairs.append((left, right))
    }
  }
}
