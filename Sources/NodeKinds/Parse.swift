package import Diagnostics
package import Execution
package import Primitives
import Store
import Tasks
package import Workflow

/// Reads the answers out of completions: numbers, choices, labels, texts.
package enum Parse: RunnableKind {
  package static let name = "parse"
  package static let version = 3
  package static let work = WorkClass.local
  package static let outputs: [ArtifactType] = [.labels]
  package static let doc = """
    The answer in each completion, read as the template says (or as `as` says), strictly and \
    flexibly; where the two readings differ, it is counted, and listed in the part `disagreements`. \
    Answers that were cut off, refused, filtered or cannot be read are invalid: counted, kept in the \
    labels with their state, and out of training. Of a conversation every turn is read.
    """

  package static let fields: [Field] = [
    Field(
      "completions",
      .reference(.completions, parts: [Part.rows]),
      required: true,
      "A generate or import-completions node."
    ),
    Field(
      "as",
      .choice(Reading.forms),
      "How answers are read; without it as the completions' template says."
    ),
    CommonFields.accept,
    CommonFields.vote,
    Field(
      "min_votes",
      .integer(1...1000),
      default: 1,
      "How many samples must agree; fewer is invalid."
    ),
    Field(
      "invalid",
      .choice(["drop", "keep", "fail"]),
      default: "drop",
      "What becomes of an invalid row: left out of training, kept there with the completion's "
        + "whole text as its label, or a failure of the node. It counts as invalid in any case."
    ),
    Field(
      "fail_above",
      .percent,
      "Share of invalid rows above which the node fails (exit code 3): `5%`."
    ),
  ]

  package static let derived = [
    DerivedInput("reading", path: ["completions", "template"], parts: [Part.reading]),
    DerivedInput("data", path: ["completions", "data"], parts: [Part.rows]),
  ]

  package static func check(_ instance: Instance, in plan: Expansion) -> [Problem] {
    readingProblems(instance, in: plan) + ReadingRule.check(instance)
      + voteProblems(instance, in: plan)
  }

  private static func readingProblems(_ instance: Instance, in plan: Expansion) -> [Problem] {
    guard instance.settings["as"] == nil,
      plan.follow(["completions", "template"], from: instance) == nil
    else { return [] }
    return [
      Problem(
        "the completions of '\(instance.node)' were made with no template, so nothing says how "
          + "answers are read",
        at: instance.settings["completions"]?.location ?? instance.location,
        hint: ReadingRule.hint
      )
    ]
  }

  private static func voteProblems(_ instance: Instance, in plan: Expansion) -> [Problem] {
    let settings = instance.settings
    guard settings["vote"] == nil else { return [] }
    if let votes = settings.integer("min_votes"), votes > 1 {
      return [
        Problem(
          "'min_votes: \(votes)' without 'vote' would do nothing",
          at: settings["min_votes"]?.location ?? instance.location,
          hint: "add 'vote: majority'"
        )
      ]
    }
    guard let source = settings.reference("completions")?.instance.flatMap({ plan[$0] }),
      let samples = source.settings.integer("samples"), samples > 1
    else { return [] }
    return [
      Problem(
        "'\(source.node)' draws \(samples) samples a row, and '\(instance.node)' reads the first only",
        at: settings["completions"]?.location ?? instance.location,
        severity: .warning,
        hint: "add 'vote: majority' to read them all"
      )
    ]
  }

  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    // The reading's own version is that of its form, which may stand in the template; all forms
    // share one number, so it is known without opening the template.
    JSONObject([("reading", JSON(Reading.version))])
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let reading = try await reading(inputs, services.objects)
    let completions = inputs.require("completions").require(Part.rows)
    let path = try await services.objects.verifiedPath(completions)
    let records = try await recordPath(inputs, services.objects)
    let settings = LabelMaker.Settings(
      reading: reading,
      readable: ReadableStates(inputs.settings),
      votes: inputs.settings.text("vote") != nil,
      minVotes: inputs.settings.integer("min_votes") ?? 1,
      keepsInvalid: inputs.settings.text("invalid") == "keep"
    )
    let tally = try await write(settings, completions: path, records: records, output, services)
    try await output.put(Part.summary, .object(tally.json))
    // Whoever compares the labels compares them as they were read, whatever their template says.
    try await output.put(Part.reading, reading.json)
    return try judge(tally, inputs)
  }

  /// Writes the labels and, beside them, the rows whose two readings differ.
  private static func write(
    _ settings: LabelMaker.Settings,
    completions: String,
    records: String?,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> LabelTally {
    let rows = try services.objects.writer()
    let disagreements = try services.objects.writer()
    let tally = try await Blocking.run {
      var maker = LabelMaker(settings: settings)
      try maker.run(completions: completions, records: records) { made in
        try rows.write(made.row.json.canonical + [0x0A])
        for line in made.disagreements { try disagreements.write(line.canonical + [0x0A]) }
      }
      return maker.tally
    }
    await output.add(Part.rows, try await rows.commit())
    await output.add(Part.disagreements, try await disagreements.commit())
    return tally
  }

  static func reading(_ inputs: Inputs, _ objects: ObjectStore) async throws -> Reading {
    if let form = inputs.settings.text("as") { return try Reading(as: form) }
    let part = inputs.require("reading").require(Part.reading)
    return try Reading(json: JSON(parsing: try await objects.read(part)))
  }

  static func recordPath(_ inputs: Inputs, _ objects: ObjectStore) async throws -> String? {
    guard let rows = inputs.artifact("data")?.require(Part.rows) else { return nil }
    return try await objects.verifiedPath(rows)
  }

  private static func judge(_ tally: LabelTally, _ inputs: Inputs) throws -> NodeOutcome {
    let invalid = tally.rows - tally.valid
    let share = tally.rows == 0 ? 0 : Double(invalid) / Double(tally.rows)
    if let limit = inputs.settings.number("fail_above"), share > limit {
      throw NodeFailure(
        "\(invalid) of \(tally.rows) rows are invalid (\(tally.stateList)); the limit is "
          + Percent.text(limit),
        reason: .badRows,
        hint: "see them with 'distill get', mend the template or raise 'fail_above'"
      )
    }
    if inputs.settings.text("invalid") == "fail", invalid > 0 {
      throw NodeFailure(
        "\(invalid) of \(tally.rows) rows are invalid (\(tally.stateList))",
        reason: .badRows,
        hint: "'invalid: drop' leaves such rows out instead"
      )
    }
    var notes: [String] = []
    if invalid > 0 { notes.append("\(invalid) of \(tally.rows) rows invalid: \(tally.stateList)") }
    if tally.disagreements > 0 {
      notes.append(
        Disagreements.note(
          rows: tally.disagreements,
          first: tally.disagreeing,
          list: Part.disagreements
        )
      )
    }
    return NodeOutcome(facts: tally.json, notes: notes)
  }
}
