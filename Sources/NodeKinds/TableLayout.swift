import Execution
import Primitives
import Workflow

/// What a table is to look like, from its node's settings.
struct TableLayout {
  let title: String?
  let rowAxis: String?
  let overAxes: [String]
  let values: [String]
  /// Axes of the table node itself: fixed, so they name nothing inside it.
  let ownAxes: [String]

  /// A figure and the instance that gave it.
  fileprivate struct Entry {
    let figure: TableCell.Figure
    let instance: InstanceID
  }

  private struct Column: Hashable {
    let heading: String
    let value: String
  }

  func arrange(_ scores: [ScoreSource]) throws -> TableData {
    var columns: [Column] = []
    var rows: [String] = []
    var cells: [String: [Column: [Entry]]] = [:]
    for source in scores {
      guard let heading = source.heading else { continue }
      let row = rowAxis.flatMap { source.input.point[$0] }
      if let row, !rows.contains(row) { rows.append(row) }
      for value in values {
        guard let figure = source.figure(value) else {
          throw NodeFailure(
            "'\(source.input.instance)' has no figure '\(value)'",
            hint: "it has \(source.figureNames.joined(separator: ", "))"
          )
        }
        let column = Column(heading: headingText(heading, source), value: value)
        if !columns.contains(column) { columns.append(column) }
        cells[row ?? "", default: [:]][column, default: []].append(
          Entry(figure: figure, instance: source.input.instance)
        )
      }
    }
    // A score without the row axis (a base model, say) stands in every row.
    let common = cells[""] ?? [:]
    let rowNames = rows.isEmpty ? [""] : rows
    let marks = marks(scores)
    let made = rowNames.map { row in
      TableData.Row(
        name: row,
        cells: columns.map { column in
          let entries = cells[row]?[column] ?? common[column] ?? []
          return TableCell(figures: entries.map(\.figure), isMarked: marks.isAbove(row, entries))
        }
      )
    }
    return TableData(
      title: title,
      rowAxis: rowAxis,
      columns: columns.map { values.count == 1 ? $0.heading : "\($0.heading) \($0.value)" },
      values: values,
      rows: made
    )
  }

  /// The heading, with the values of the axes that neither rows nor `over` take up.
  private func headingText(
    _ heading: (name: String, isGiven: Bool),
    _ source: ScoreSource
  ) -> String {
    ([heading.name] + freeValues(source)).joined(separator: heading.isGiven ? " " : "@")
  }

  /// The values of the axes that nothing else in the table takes up.
  private func freeValues(_ source: ScoreSource) -> [String] {
    source.input.point.coordinates
      .filter { $0.axis != rowAxis && !overAxes.contains($0.axis) && !ownAxes.contains($0.axis) }
      .map(\.value)
  }

  /// Which instances may get the star, and what they must exceed in each row.
  private func marks(_ scores: [ScoreSource]) -> TableMarks {
    let value = values.first ?? ""
    var marks = TableMarks()
    for source in scores where source.slot.hasPrefix("mark.") {
      guard source.slot.hasPrefix("mark.above") else {
        marks.allow(source.input.instance)
        continue
      }
      guard let figure = source.figure(value) else { continue }
      let row = rowAxis.flatMap { source.input.point[$0] } ?? ""
      let column = freeValues(source).joined(separator: "@")
      marks.mustExceed(figure.value, column: column, row: row)
    }
    return marks
  }
}

/// The thresholds and candidates of a table's star.
private struct TableMarks {
  /// By row, then by column; several values of one column are those of the axes in `over`.
  private var thresholds: [String: [String: [Double]]] = [:]
  private var candidates: Set<InstanceID> = []

  mutating func allow(_ instance: InstanceID) { candidates.insert(instance) }

  mutating func mustExceed(_ value: Double, column: String, row: String) {
    thresholds[row, default: [:]][column, default: []].append(value)
  }

  /// Whether a cell may have the star and its mean is above the mean of every threshold column.
  func isAbove(_ row: String, _ entries: [TableLayout.Entry]) -> Bool {
    // A threshold pinned to one row (the vanilla teacher, say) is that of every row.
    let pinned = thresholds.count == 1 ? thresholds.values.first : nil
    let columns = thresholds[row] ?? thresholds[""] ?? pinned ?? [:]
    guard !entries.isEmpty, entries.allSatisfy({ candidates.contains($0.instance) }),
      let limit = columns.values.map(Self.mean).max()
    else { return false }
    return Self.mean(entries.map(\.figure.value)) > limit
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}
