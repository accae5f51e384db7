package import Diagnostics
package import Execution
import ModelService
import Primitives
import Store
import Tasks
package import Workflow

/// Brings in answers that were recorded elsewhere.
package enum ImportCompletions: RunnableKind {
  package static let name = "import-completions"
  package static let version = 1
  package static let work = WorkClass.local
  package static let outputs: [ArtifactType] = [.completions]
  package static let doc = """
    Completions from a file, joined to the rows of a dataset by id or by prompt. Rows without a \
    recorded answer, and recorded answers without a row, are counted. The answers of a conversation \
    are a list of texts, or of messages with `role` and `content`, in the order of the user's turns.
    """

  package static let fields: [Field] = [
    Field(
      "format",
      .choice(["csv", "json", "jsonl", "tsv"]),
      required: true,
      "The form of the file."
    ),
    Field("path", .path, required: true, "The file, relative to the workflow."),
    CommonFields.data,
    Field("id", .text, "Column, or path such as `meta.id`, with the row's id."),
    Field("prompt", .text, "Column with the prompt, where there is no id."),
    Field(
      "matches",
      .text,
      default: "question",
      "The dataset's field, or a path such as `turns[0]`, that the prompt column repeats; white space "
        + "around it is ignored."
    ),
    Field("text", .text, default: "text", "Column, or path, with the model's answer or answers."),
    Field(
      "template",
      .reference(.template, parts: []),
      "The template that the answers were made with; it says how they are read."
    ),
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    joinProblems(instance) + pathProblems(instance)
  }

  private static func joinProblems(_ instance: Instance) -> [Problem] {
    let byID = instance.settings["id"] != nil
    guard byID == (instance.settings["prompt"] != nil) else { return [] }
    return [
      Problem(
        byID
          ? "'\(instance.node)' is joined both by 'id' and by 'prompt'; choose one"
          : "nothing says how the answers of '\(instance.node)' belong to the rows of its data",
        at: instance.settings["prompt"]?.location ?? instance.location,
        hint: "write 'id: COLUMN', or 'prompt: COLUMN' to join by the prompt's text"
      )
    ]
  }

  private static func pathProblems(_ instance: Instance) -> [Problem] {
    guard let matches = instance.settings["matches"], let text = matches.json?.string else {
      return []
    }
    do throws(Problem) {
      _ = try JSONPath(text)
      return []
    } catch {
      return [Problem(error.message, at: matches.location, hint: error.hint)]
    }
  }

  /// Whether the rows have what their answers are found by, and turns where the template wants them.
  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try await TemplateFit.check(inputs, services.objects)
    guard let rows = inputs.artifact("data")?[Part.rows], let field = matched(inputs.settings)
    else { return }
    let path = try await services.objects.verifiedPath(rows)
    try await Blocking.run {
      var lines = try LineReader(path: path)
      while let line = try lines.next() {
        _ = try AnswerJoiner.key(of: Record(line: line), at: field)
      }
    }
  }

  /// Where a record holds the prompt; nil where answers are joined by id.
  private static func matched(_ settings: Settings) -> JSONPath? {
    guard settings.text("prompt") != nil else { return nil }
    return try? JSONPath(settings.text("matches") ?? "question")
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    guard let file = inputs.file("path") else { preconditionFailure("BUG: no file to import") }
    let stored = try await services.objects.put(fileAt: file.path)
    guard stored == file.object else {
      throw NodeFailure("file '\(file.written)' changed while the run was starting")
    }
    let settings = inputs.settings
    let source = RecordedAnswerSource(
      path: try await services.objects.verifiedPath(stored),
      name: file.written,
      format: settings.text("format") ?? "jsonl",
      id: settings.text("id"),
      prompt: settings.text("prompt"),
      text: settings.text("text") ?? "text"
    )
    let dataPath = try await services.objects.verifiedPath(
      inputs.require("data").require(Part.rows)
    )
    var prompt: PromptTemplate?
    if let part = inputs.artifact("template")?[Part.prompt] {
      prompt = try PromptTemplate(json: JSON(parsing: try await services.objects.read(part)))
    }
    let joiner = AnswerJoiner(
      source: source,
      dataPath: dataPath,
      field: matched(settings),
      prompt: prompt,
      scratch: services.scratch
    )
    let tally = try await output.putRows(Part.rows) { write in
      try joiner.run { try write($0.json) }
    }
    return outcome(tally)
  }

  private static func outcome(_ tally: AnswerJoiner.Tally) -> NodeOutcome {
    var notes: [String] = []
    if tally.unanswered > 0 {
      notes.append("\(tally.unanswered) of \(tally.rows) rows have no recorded answer")
    }
    if tally.unmatched > 0 {
      notes.append("\(tally.unmatched) recorded answers belong to no row")
    }
    if tally.short > 0 {
      notes.append(
        "\(tally.short) of \(tally.answers) conversations have fewer recorded answers than turns"
      )
    }
    var facts = JSONObject([
      ("rows", JSON(tally.rows)), ("answers", JSON(tally.answers)),
      ("unanswered", JSON(tally.unanswered)), ("unmatched", JSON(tally.unmatched)),
    ])
    if tally.short > 0 { facts["short_conversations"] = JSON(tally.short) }
    return NodeOutcome(facts: facts, notes: notes)
  }
}
