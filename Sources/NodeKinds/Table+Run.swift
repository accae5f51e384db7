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
