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
    recorded answer, and recorded answers without a row, are counted.
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
      "The dataset's field that the prompt column repeats; white space around it is ignored."
    ),
    Field("text", .text, default: "text", "Column, or path, with the model's answer."),
    Field(
      "template",
      .reference(.template, parts: []),
      "The template that the answers were made with; it says how they are read."
    ),
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
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
    let joiner = AnswerJoiner(
      source: source,
      dataPath: dataPath,
      field: settings.text("prompt") == nil ? nil : settings.text("matches") ?? "question"
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
    let facts = JSONObject([
      ("rows", JSON(tally.rows)), ("answers", JSON(tally.answers)),
      ("unanswered", JSON(tally.unanswered)), ("unmatched", JSON(tally.unmatched)),
    ])
    return NodeOutcome(facts: facts, notes: notes)
  }
}

/// Joins recorded answers to records, by id or by the text of a field.
private struct AnswerJoiner: Sendable {
  struct Tally: Sendable {
    var rows = 0
    var answers = 0
    var unanswered = 0
    var unmatched = 0
  }

  let source: RecordedAnswerSource
  let dataPath: String
  /// The record field that holds the prompt; nil when joined by id.
  let field: String?

  /// Emits the completions in dataset order, a row's answers in file order.
  ///
  /// The recorded answers are held in memory, since their order is their own.
  func run(emit: (CompletionRow) throws -> Void) throws -> Tally {
    var answers: [[UInt8]: [String]] = [:]
    try RecordedAnswers.read(source) { answer in
      answers[Self.normalized(answer.key), default: []].append(answer.text)
    }
    var tally = Tally()
    var matched: Set<[UInt8]> = []
    var lines = try LineReader(path: dataPath)
    while let line = try lines.next() {
      let record = try Record(line: line)
      let key = field.map { record[$0]?.string ?? "" } ?? record.id
      tally.rows += 1
      let normalized = Self.normalized(key)
      guard let texts = answers[normalized] else {
        tally.unanswered += 1
        continue
      }
      matched.insert(normalized)
      for (sample, text) in texts.enumerated() {
        tally.answers += 1
        try emit(
          CompletionRow(
            id: record.id,
            sample: sample,
            state: .answered,
            text: text,
            promptTokens: nil,
            completionTokens: nil
          )
        )
      }
    }
    tally.unmatched = answers.reduce(0) { count, entry in
      matched.contains(entry.key) ? count : count + entry.value.count
    }
    return tally
  }

  private static func normalized(_ text: String) -> [UInt8] {
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { !space.contains($0) }),
      let last = bytes.lastIndex(where: { !space.contains($0) })
    else { return [] }
    return Array(bytes[first...last])
  }
}
