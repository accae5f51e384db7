package import Diagnostics
package import Execution
package import Primitives
import Store
import Tasks
package import Workflow

/// Reads a data file, or takes rows of another dataset.
package enum Dataset: RunnableKind {
  package static let name = "dataset"
  package static let version = 1
  package static let work = WorkClass.preparation
  package static let outputs: [ArtifactType] = [.dataset]
  package static let doc = """
    Rows to work on: read from a file in a published format, or taken from another dataset. \
    `shuffle` comes first, then `skip`, then `limit`, so prefixes nest and slices of one shuffle \
    are disjoint.
    """
  package static let notYet = ["url", "sha256", "hugging_face"]

  package static let fields: [Field] = [
    Field("format", .choice(DatasetReaders.formats), "The reader of the file."),
    Field("path", .path, "The file, relative to the workflow."),
    Field("data", .reference(.dataset, parts: [Part.rows]), "Another dataset to take rows from."),
    Field(
      "fields",
      .map(.text),
      "Which column (or path such as `a.b[0]`) holds each task field: `{question: problem}`."
    ),
    Field(
      "shuffle",
      .integer(0...Int64.max),
      "Seed of a shuffle of all rows, before `skip` and `limit`; without it the file's order."
    ),
    Field("skip", .integer(0...Int64.max), default: 0, "How many rows to leave out at the start."),
    Field("limit", .integer(1...Int64.max), "How many rows to take at most."),
    Field(
      "truncate",
      .record([
        Field("field", .text, required: true, "The text field to shorten."),
        Field("words", .integer(1...10_000_000), required: true, "How many words to keep."),
      ]),
      "Shortens a text field of every row."
    ),
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    let hasPath = settings["path"] != nil
    let hasData = settings["data"] != nil
    var problems: [Problem] = []
    if hasPath == hasData {
      problems.append(
        Problem(
          hasPath
            ? "'\(instance.node)' has both 'path' and 'data'; a dataset comes from one of them"
            : "'\(instance.node)' has neither 'path' nor 'data'",
          at: hasPath ? settings["data"]?.location : instance.location,
          hint: "write 'format' and 'path' for a file, or 'data' for rows of another dataset"
        )
      )
    }
    if hasPath, settings["format"] == nil {
      problems.append(
        Problem(
          "'\(instance.node)' has a 'path' but no 'format'",
          at: settings["path"]?.location,
          hint: "add 'format:', one of \(DatasetReaders.formats.joined(separator: ", "))"
        )
      )
    }
    for name in ["format", "fields"] where hasData && !hasPath {
      guard let value = settings[name] else { continue }
      problems.append(
        Problem(
          "'\(name)' says how to read a file, but '\(instance.node)' takes rows of another dataset",
          at: value.location,
          hint: "remove '\(name)'"
        )
      )
    }
    return problems
  }

  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    let format = instance.settings.text("format") ?? storedFormat
    let version = DatasetReaders.named(format)?.version ?? 0
    return JSONObject([("reader.\(format)", JSON(version))])
  }

  /// The format in which datasets lie in the store.
  static let storedFormat = "jsonl"

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let source = try await source(inputs, services)
    let selection = selection(inputs.settings)
    let counts = try await output.putRows(Part.rows) { write in
      try DatasetLoader.read(source, selection) { try write($0.json) }
    }
    guard counts.selected > 0 else {
      throw NodeFailure(
        "dataset '\(inputs.instance.id)' has no rows",
        hint: "look at 'skip' and 'limit', or at the file '\(source.name)'"
      )
    }
    return NodeOutcome(facts: JSONObject([("rows", JSON(counts.selected))]))
  }

  private static func source(_ inputs: Inputs, _ services: Services) async throws -> DatasetSource {
    if let file = inputs.file("path") {
      // The bytes are read from the store, so that a file changed during the run cannot slip in.
      let stored = try await services.objects.put(fileAt: file.path)
      guard stored == file.object else {
        throw NodeFailure(
          "file '\(file.written)' changed while the run was starting",
          hint: "run again when nothing writes to it"
        )
      }
      return DatasetSource(
        path: try await services.objects.verifiedPath(stored),
        name: file.written,
        format: inputs.settings.text("format") ?? storedFormat,
        fields: columns(inputs.settings)
      )
    }
    let rows = inputs.require("data").require(Part.rows)
    return DatasetSource(
      path: try await services.objects.verifiedPath(rows),
      name: "data",
      format: storedFormat,
      fields: nil
    )
  }

  private static func columns(_ settings: Settings) -> [(task: String, column: String)]? {
    settings.json("fields")?.object?.members.map { ($0.key, $0.value.string ?? "") }
  }

  private static func selection(_ settings: Settings) -> DatasetSelection {
    var selection = DatasetSelection()
    selection.shuffle = settings.json("shuffle")?.integer
    selection.skip = settings.integer("skip") ?? 0
    selection.limit = settings.integer("limit")
    if let truncate = settings.json("truncate"), let field = truncate["field"]?.string,
      let words = truncate["words"]?.int
    {
      selection.truncate = DatasetSelection.Truncation(field: field, words: words)
    }
    return selection
  }
}
