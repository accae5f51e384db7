import Execution
import Primitives
import Tasks
import Workflow

/// What a table is to look like, from its node's settings.
struct TableLayout {
  let title: String?
  let rowAxis: String?
  let overAxes: [String]
  /// What `value` names; empty for the main figure.
  let words: [String]
  /// Axes of the table node itself: fixed, so they name nothing inside it.
  let ownAxes: [String]

  init(_ instance: Instance) {
    let settings = instance.settings
    title = settings.text("title")
    rowAxis = settings.text("rows")
    overAxes = Self.texts(settings.json("over"))
    words = Self.texts(settings.json("value"))
    ownAxes = instance.point.coordinates.map(\.axis)
  }

  private static func texts(_ json: JSON?) -> [String] {
    json?.array?.compactMap(\.string) ?? json?.string.map { [$0] } ?? []
  }

  /// Lays the scores out; every column is there for every value.
  func grid(_ sources: [TableSource]) throws -> TableGrid {
    let values = try values(sources)
    var rows: [String] = []
    var columns: [TableData.Column] = []
    var placed: [(row: String?, column: TableData.Column, source: TableSource)] = []
    for source in sources {
      guard let heading = source.heading else { continue }
      let row = rowAxis.flatMap { source.input.point[$0] }
      if let row, !rows.contains(row) { rows.append(row) }
      for value in values {
        // Where a metric is not there at all, the table was asked for what nobody computed.
        _ = try source.value(named: value.name)
        let column = TableData.Column(heading: headingText(heading, source), value: value)
        if !columns.contains(column) { columns.append(column) }
        placed.append((row, column, source))
      }
    }
    let names = rows.isEmpty ? [""] : rows
    let cells = names.map { row in
      columns.map { column in
        let own = placed.filter { $0.column == column && $0.row == row }.map(\.source)
        // A score without the row axis (a base model, say) stands in every row.
        return own.isEmpty
          ? placed.filter { $0.column == column && $0.row == nil }.map(\.source) : own
      }
    }
    return TableGrid(rows: names, columns: columns, cells: cells)
  }

  /// The figures to show, as the first scores have them.
  private func values(_ sources: [TableSource]) throws -> [TableValue] {
    guard let first = sources.first(where: { $0.heading != nil }) else { return [] }
    return words.isEmpty ? [try first.mainValue()] : try words.map { try first.value(named: $0) }
  }

  func data(
    _ grid: TableGrid,
    marks: TableMarks,
    means: [[Figure?]],
    pairs: [TablePair]
  ) -> TableData {
    let rows = grid.rows.indices.map { row in
      TableData.Row(
        name: grid.rows[row],
        cells: grid.columns.indices.map { column in
          let value = grid.columns[column].value
          let sources = grid.sources(row: row, column: column)
          return TableCell(
            figures: sources.compactMap { $0.figure(value) },
            shared: means[row][column].map { ($0.low, $0.high) },
            isMarked: marks.isAbove(grid.rows[row], sources, value)
          )
        }
      )
    }
    return TableData(
      title: title,
      rowAxis: rowAxis,
      columns: grid.columns,
      rows: rows,
      cautions: grid.cautions,
      pairs: pairs
    )
  }

  /// The heading, with the values of the axes that neither rows nor `over` take up.
  private func headingText(
    _ heading: (name: String, isGiven: Bool),
    _ source: TableSource
  ) -> String {
    ([heading.name] + freeValues(source)).joined(separator: heading.isGiven ? " " : "@")
  }

  /// The values of the axes that nothing else in the table takes up.
  func freeValues(_ source: TableSource) -> [String] {
    source.input.point.coordinates
      .filter { $0.axis != rowAxis && !overAxes.contains($0.axis) && !ownAxes.contains($0.axis) }
      .map(\.value)
  }
}
