package import Execution
import ModelService
package import Primitives
import Store
import Tasks
package import Workflow

/// Puts the teacher's labels where the data's own were, under the student's simple prompt.
package enum SubstituteLabels: RunnableKind {
  package static let name = "substitute-labels"
  package static let version = 1
  package static let work = WorkClass.local
  package static let outputs: [ArtifactType] = [.trainingSet]
  package static let doc = """
    A training set in chat form, one `{"messages": […]}` a line: the template's prompt for each \
    row of the dataset, and the row's label as the assistant's turn. Rows without a label are left \
    out and counted by reason.
    """
  package static let notYet = ["keep"]

  package static let fields: [Field] = [
    CommonFields.data,
    Field(
      "labels",
      .reference(.labels, parts: [Part.rows]),
      required: true,
      "The parse node whose labels are put in."
    ),
    Field(
      "template",
      .reference(.template, parts: [Part.prompt, Part.target]),
      required: true,
      "The simple prompt that the student is to answer."
    ),
  ]

  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    JSONObject([("renderer", JSON(PromptTemplate.rendererVersion))])
  }

  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try await TemplateFit.check(inputs, services.objects)
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let objects = services.objects
    let template = inputs.require("template")
    let prompt = try PromptTemplate(
      json: JSON(parsing: try await objects.read(template.require(Part.prompt)))
    )
    let target = try TargetTemplate(
      json: JSON(parsing: try await objects.read(template.require(Part.target)))
    )
    let dataPath = try await objects.verifiedPath(inputs.require("data").require(Part.rows))
    let labelPath = try await objects.verifiedPath(inputs.require("labels").require(Part.rows))

    let maker = TrainingSetMaker(
      prompt: prompt,
      target: target,
      dataPath: dataPath,
      labelPath: labelPath
    )
    let tally = try await maker.write(to: output, objects)
    try await output.put(Part.summary, .object(tally.json))
    guard tally.kept > 0 else {
      throw NodeFailure(
        "no row of '\(inputs.instance.id)' has a label (\(tally.reasonList))",
        reason: .badRows,
        hint: "look at the labels with 'distill get'"
      )
    }
    let notes =
      tally.kept < tally.rows
      ? ["\(tally.rows - tally.kept) of \(tally.rows) rows left out: \(tally.reasonList)"] : []
    return NodeOutcome(facts: tally.json, notes: notes)
  }
}

/// Rows of a training set, kept and left out by reason.
struct TrainingTally: Sendable {
  private(set) var rows = 0
  private(set) var kept = 0
  private(set) var dropped: [String: Int] = [:]

  mutating func keep() {
    rows += 1
    kept += 1
  }

  mutating func drop(_ reason: String) {
    rows += 1
    dropped[reason, default: 0] += 1
  }

  private var sortedReasons: [(key: String, value: Int)] { dropped.sorted { $0.key < $1.key } }

  /// `12 unreadable, 3 unlabelled`.
  var reasonList: String {
    sortedReasons.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }

  var json: JSONObject {
    let reasons = sortedReasons.map { (key: $0.key, value: JSON($0.value)) }
    return JSONObject([
      ("rows", JSON(rows)), ("kept", JSON(kept)), ("dropped", .object(JSONObject(reasons))),
    ])
  }
}

/// Writes the rows and, beside them, the ids of the dataset rows that they came from.
private struct TrainingSetMaker: Sendable {
  let prompt: PromptTemplate
  let target: TargetTemplate
  let dataPath: String
  let labelPath: String

  func write(to output: OutputWriter, _ objects: ObjectStore) async throws -> TrainingTally {
    let rows = try objects.writer()
    let ids = try objects.writer()
    let tally = try await Blocking.run {
      var tally = TrainingTally()
      try forEachLabel { record, reason, label in
        guard let label else { return tally.drop(reason) }
        let turns = try prompt.render(record) + [target.render(record, label: label)]
        let line: JSON = ["messages": .array(turns.map(\.json))]
        try rows.write(line.canonical + [0x0A])
        try ids.write(JSON.string(record.id).canonical + [0x0A])
        tally.keep()
      }
      return tally
    }
    await output.add(Part.rows, try await rows.commit())
    await output.add(Part.ids, try await ids.commit())
    return tally
  }

  /// Goes through data and labels side by side; labels are in the order of the data, with gaps.
  private func forEachLabel(
    _ body: (Record, _ reason: String, _ label: String?) throws -> Void
  ) throws {
    var labels = try LabelIndex(path: labelPath)
    var lines = try LineReader(path: dataPath)
    while let line = try lines.next() {
      let record = try Record(line: line)
      let row = try labels.find(record.id)
      try body(record, row?.state.rawValue ?? "unlabelled", row?.label)
    }
  }
}
