package import Execution
package import Primitives
import Store
import Tasks
package import Workflow

/// Reads a file, a folder or something published elsewhere, or takes rows of another dataset.
package enum Dataset: RunnableKind {
  package static let name = "dataset"
  package static let version = 1
  package static let work = WorkClass.preparation
  package static let outputs: [ArtifactType] = [.dataset]
  package static let doc = """
    Rows to work on: read from a file or folder in a published format, fetched from an address or \
    from the Hugging Face Hub, or taken from another dataset. What is fetched is fetched once, by a \
    run, and kept in the store: its digest, not its address, is what counts. `shuffle` comes first, \
    then `skip`, then `limit`, so prefixes nest and slices of one shuffle are disjoint.
    """

  package static let fields: [Field] = [
    Field("format", .choice(DatasetReaders.formats), "The reader of the file or folder."),
    Field("path", .path, "The file or folder, relative to the workflow."),
    Field(
      "url",
      .text,
      inKey: false,
      "Address of a published file (http or https), fetched without any key. It needs `sha256`; a file "
        + "that `distill import` took, or that was fetched before, is not fetched."
    ),
    Field(
      "sha256",
      .text,
      "SHA-256 of the file that `url` leads to, 64 digits; 'distill import FILE' prints it."
    ),
    Field(
      "hugging_face",
      .record(hubFields),
      "Rows of a dataset of the Hugging Face Hub, by its rows service (or the mirror that "
        + "DISTILL_DATASETS_SERVER names), which has public sets and their present revision."
    ),
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

  private static let hubFields: [Field] = [
    Field("dataset", .text, required: true, "The set's name on the Hub, `owner/name`."),
    Field("config", .text, default: "default", "The configuration, which the Hub calls a subset."),
    Field("split", .text, required: true, "The split: `train`, `test`."),
    Field(
      "revision",
      .text,
      required: true,
      "The id of the commit that the rows are of, 40 digits; other rows are refused."
    ),
    Field(
      "sha256",
      .text,
      "SHA-256 of the gathered rows, one JSON object a line; `distill show` prints it."
    ),
  ]

  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    let format = instance.settings.text("format") ?? storedFormat
    let version = DatasetReaders.named(format)?.version ?? 0
    return JSONObject([("reader.\(format)", JSON(version))])
  }

  /// The format in which datasets lie in the store, and in which rows of the Hub are gathered.
  static let storedFormat = "jsonl"

  package static let folderSlots = ["path"]

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let (source, origin) = try await source(inputs, services)
    let selection = selection(inputs.settings)
    let counts = try await output.putRows(Part.rows) { write in
      try DatasetLoader.read(source, selection) { try write($0.json) }
    }
    if let emptiness = counts.emptiness(of: source, selection) {
      throw NodeFailure(
        "dataset '\(inputs.instance.id)' has no rows: \(emptiness)",
        hint: "look at 'skip' and 'limit', or at what it reads"
      )
    }
    var facts = counts.facts
    if let origin { facts["source"] = .object(origin) }
    return NodeOutcome(facts: facts, notes: counts.notes)
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
