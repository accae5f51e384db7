package import Execution
import Primitives
import Store
import Workflow

extension Table {
  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let settings = inputs.settings
    var scores: [ScoreSource] = []
    for (slot, input) in inputs.artifacts {
      let summary = input.artifact.require(Part.summary)
      let json = try JSON(parsing: try await services.objects.read(summary))
      scores.append(ScoreSource(slot: slot, input: input, summary: json))
    }
    let layout = TableLayout(
      title: settings.text("title"),
      rowAxis: settings.text("rows"),
      overAxes: texts(settings.json("over")),
      values: texts(settings.json("value")),
      ownAxes: inputs.instance.point.coordinates.map(\.axis)
    )
    let data = try layout.arrange(scores)
    try await output.put(Part.table, data.json)
    try await output.put(Part.markdown, text: data.markdown)
    try await output.put(Part.csv, text: data.csv)
    return NodeOutcome(facts: JSONObject([("rows", JSON(data.rows.count))]))
  }

  private static func texts(_ json: JSON?) -> [String] {
    json?.array?.compactMap(\.string) ?? json?.string.map { [$0] } ?? []
  }
}

/// One scores artifact, where the table names it and what it says.
struct ScoreSource {
  let slot: String
  let input: InputArtifact
  let summary: JSON

  /// `columns[0]`, `columns.Heading` → the column's own name; nil for the slots of `mark`.
  var heading: (name: String, isGiven: Bool)? {
    guard slot.hasPrefix("columns") else { return nil }
    let rest = slot.dropFirst("columns".count)
    if rest.hasPrefix(".") {
      let name = rest.dropFirst()
      // A wide reference adds `[n]` behind the heading.
      guard name.hasSuffix("]"), let open = name.lastIndex(of: "[") else {
        return (String(name), true)
      }
      return (String(name[..<open]), true)
    }
    let node = input.instance.text.split(separator: "@").first.map(String.init)
    return (node ?? input.instance.text, false)
  }

  /// A figure by its name, `metric.figure` or `metric` (its first figure).
  func figure(_ name: String) -> TableCell.Figure? {
    let steps = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let metric = summary["metrics"]?[steps[0]], let figures = metric["figures"]?.object,
      let wanted = steps.count == 2 ? figures[steps[1]] : figures.members.first?.value,
      let value = wanted["value"]?.number
    else { return nil }
    return TableCell.Figure(
      value: value,
      low: wanted["low"]?.number,
      high: wanted["high"]?.number,
      n: metric["n"]?.int ?? 0
    )
  }

  var figureNames: [String] {
    summary["metrics"]?.object?.members.flatMap { metric in
      metric.value["figures"]?.object?.keys.map { "\(metric.key).\($0)" } ?? []
    } ?? []
  }
}

/// What a table is to look like, from its node's settings.
struct TableLayout {
  let title: String?
  let rowAxis: String?
  let overAxes: [String]
  let values: [String]
  /// Axes of the table node itself: fixed, so they name nothing inside it.
  let ownAxes: [String]

  private struct Column: Hashable {
    let heading: String
    let value: String
  }

  func arrange(_ scores: [ScoreSource]) throws -> TableData {
    var columns: [Column] = []
    var rows: [String] = []
    var cells: [String: [Column: [TableCell.Figure]]] = [:]
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
        cells[row ?? "", default: [:]][column, default: []].append(figure)
      }
    }
    // A score without the row axis (a base model, say) stands in every row.
    let common = cells[""] ?? [:]
    let rowNames = rows.isEmpty ? [""] : rows
    let marks = try markedCells(scores)
    let made = rowNames.map { row in
      TableData.Row(
        name: row,
        cells: columns.map { column in
          let figures = cells[row]?[column] ?? common[column] ?? []
          return TableCell(figures: figures, isMarked: marks.isAbove(row, figures))
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
    let rest = source.input.point.coordinates
      .filter { $0.axis != rowAxis && !overAxes.contains($0.axis) && !ownAxes.contains($0.axis) }
      .map(\.value)
    return ([heading.name] + rest).joined(separator: heading.isGiven ? " " : "@")
  }

  /// Which figures get the star: those of the marked scores that exceed the one named by `above`
  /// in the same row.
  private func markedCells(_ scores: [ScoreSource]) throws -> TableMarks {
    let value = values.first ?? ""
    var marks = TableMarks()
    for source in scores where source.slot.hasPrefix("mark.") {
      guard let figure = source.figure(value) else { continue }
      let row = rowAxis.flatMap { source.input.point[$0] } ?? ""
      marks.add(figure, row: row, isThreshold: source.slot.hasPrefix("mark.above"))
    }
    return marks
  }
}

/// The thresholds and candidates of a table's star.
struct TableMarks {
  private var thresholds: [String: [Double]] = [:]
  private var candidates: [String: [TableCell.Figure]] = [:]

  mutating func add(_ figure: TableCell.Figure, row: String, isThreshold: Bool) {
    if isThreshold {
      thresholds[row, default: []].append(figure.value)
    } else {
      candidates[row, default: []].append(figure)
    }
  }

  /// Whether a cell's mean is above every threshold of its row, and the cell may have the star.
  func isAbove(_ row: String, _ figures: [TableCell.Figure]) -> Bool {
    guard !figures.isEmpty, let limit = (thresholds[row] ?? thresholds[""])?.max() else {
      return false
    }
    let may = candidates[row] ?? candidates[""] ?? []
    let mean = figures.reduce(0) { $0 + $1.value } / Double(figures.count)
    return mean > limit && figures.allSatisfy { may.contains($0) }
  }
}
