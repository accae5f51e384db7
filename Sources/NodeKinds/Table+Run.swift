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
    var sources: [TableSource] = []
    for (slot, input) in inputs.artifacts {
      let summary = input.artifact.require(Part.summary)
      let json = try JSON(parsing: try await services.objects.read(summary))
      sources.append(TableSource(slot: slot, input: input, summary: json))
    }
    let layout = TableLayout(inputs.instance)
    let grid = try layout.grid(sources)
    let marks = TableMarks(sources, layout)
    let pairing = TablePairing(grid: grid, marks: marks, objects: services.objects)
    let data = layout.data(
      grid,
      marks: marks,
      means: try await TableMeans(grid: grid, objects: services.objects).intervals(),
      pairs: try await pairing.pairs()
    )
    try await output.put(Part.table, data.json)
    for (part, text) in [
      (Part.markdown, data.markdown), (Part.csv, data.csv), (Part.latex, data.latex),
      (Part.html, data.html),
    ] {
      try await output.put(part, text: text)
    }
    if !data.pairs.isEmpty { try await output.put(Part.pairs, text: data.pairsCSV) }
    return NodeOutcome(
      facts: JSONObject([("rows", JSON(data.rows.count)), ("pairs", JSON(data.pairs.count))]),
      notes: data.cautions
    )
  }
}
