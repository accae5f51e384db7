import Execution
import Primitives
import Store
import Tasks

/// The intervals of cells that are means over several scores.
///
/// They are given where all of them were scored on the same rows, in the same order, and the figure
/// is a ratio of sums over rows; else the cell has its standard deviation alone.
struct TableMeans {
  let grid: TableGrid
  let objects: ObjectStore

  /// By row of the table, then by column; nil for cells of one score too.
  func intervals() async throws -> [[Figure?]] {
    var intervals: [[Figure?]] = []
    for row in grid.rows.indices {
      var cells: [Figure?] = []
      for column in grid.columns.indices {
        let sources = grid.sources(row: row, column: column)
        cells.append(try await interval(sources, grid.columns[column].value.name))
      }
      intervals.append(cells)
    }
    return intervals
  }

  private func interval(_ sources: [TableSource], _ figure: String) async throws -> Figure? {
    guard sources.count > 1, let read = RowTerm.reader(of: figure),
      Set(sources.map(\.data)).count == 1
    else { return nil }
    var paths: [String] = []
    for source in sources {
      guard let rows = source.input.artifact[Part.rows] else { return nil }
      paths.append(try await objects.verifiedPath(rows))
    }
    return try await Blocking.run { [paths] in
      try Self.runs(paths, read).flatMap(MeanOverRuns.of)
    }
  }

  /// The terms of each file's rows; nil where the ids differ from those of the first.
  private static func runs(
    _ paths: [String],
    _ read: (RowResult) -> RowTerm
  ) throws -> [[RowTerm]]? {
    var ids: [String] = []
    var runs: [[RowTerm]] = []
    for path in paths {
      var lines = try LineReader(path: path)
      var terms: [RowTerm] = []
      while let line = try lines.next() {
        guard let row = RowResult(json: try JSON(parsing: line)) else { return nil }
        if runs.isEmpty {
          ids.append(row.id)
        } else if terms.count >= ids.count || !UTF8Order.equal(ids[terms.count], row.id) {
          return nil
        }
        terms.append(read(row))
      }
      guard terms.count == ids.count else { return nil }
      runs.append(terms)
    }
    return runs
  }
}
