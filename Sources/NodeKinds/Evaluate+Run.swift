package import Execution
import ModelService
package import Primitives
import Store
import Tasks
package import Workflow

extension Evaluate {
  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    var versions = JSONObject([("reading", JSON(Reading.version))])
    if instance.settings["of"] == nil {
      versions["renderer"] = JSON(PromptTemplate.rendererVersion)
    }
    for (name, version) in ScoringRule.versions(of: metrics(instance.settings), inputs) {
      versions[name] = version
    }
    return versions
  }

  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try BatchRule.check(inputs, services)
    try await TemplateFit.check(inputs, services.objects)
    try await ScoringRule.preflight(
      inputs,
      metrics: metrics(inputs.settings),
      services.objects
    )
  }

  package static func questionnaires(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> [Questionnaire] {
    inputs.settings["of"] == nil ? [try await Questionnaire(inputs, services)] : []
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    var scoring = try await Scoring(
      inputs,
      services,
      reading: try await reading(inputs, services.objects),
      metrics: metrics(inputs.settings)
    )
    let writer = try services.objects.writer()
    var outcome =
      inputs.settings["of"] == nil
      ? try await ask(inputs, &scoring, writer, services)
      : try await score(inputs, &scoring, writer, services.objects)
    await output.add(Part.rows, try await writer.commit())
    let summary = scoring.scorer.summary
    try await output.put(Part.summary, .object(summary.object.merging(context(inputs))))
    for metric in summary.metrics {
      for named in metric.figures {
        outcome.facts["\(metric.name).\(named.name)"] = .number(named.figure.value)
      }
    }
    outcome.notes += summary.notes
    return outcome
  }

  /// Asks the model and scores its answers.
  private static func ask(
    _ inputs: Inputs,
    _ scoring: inout Scoring,
    _ writer: ObjectWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let questions = try await Questionnaire(inputs, services)
    let tally = try await questions.ask(services)
    var states = StateCounts()
    var scored = scoring
    try await questions.forEachChunk(services.models.calls) { rows in
      for row in rows { for completion in row.completions { states.count(completion) } }
      let results = try await scored.add(rows.map { AnsweredRow($0.record, $0.completions) })
      try await write(results, writer)
    }
    scoring = scored
    if let failure = states.rejection(tally.firstRejection, tally.facts) { throw failure }
    var facts = tally.facts
    for (name, value) in states.facts { facts[name] = value }
    return NodeOutcome(facts: facts, notes: tally.notes + states.notes)
  }

  /// Scores completions or labels that exist, every row of their dataset counting.
  private static func score(
    _ inputs: Inputs,
    _ scoring: inout Scoring,
    _ writer: ObjectWriter,
    _ objects: ObjectStore
  ) async throws -> NodeOutcome {
    let scored = inputs.require("of")
    let path = try await objects.verifiedPath(scored.require(Part.rows))
    let data = try await objects.verifiedPath(inputs.require("of.data").require(Part.rows))
    let rows =
      scored.type == .labels
      ? try AnsweredRows(data: data, labels: path)
      : try AnsweredRows(data: data, completions: path)
    while case let chunk = try await rows.next(Questionnaire.chunk), !chunk.isEmpty {
      try await write(try await scoring.add(chunk), writer)
    }
    return NodeOutcome()
  }

  private static func write(_ results: [RowResult], _ writer: ObjectWriter) async throws {
    try await Blocking.run {
      for result in results { try writer.write(result.json.canonical + [0x0A]) }
    }
  }

  /// `as` before the reading of the template or of the labels; the checker has seen to it that there
  /// is one of them.
  private static func reading(_ inputs: Inputs, _ objects: ObjectStore) async throws -> Reading {
    if let form = inputs.settings.text("as") { return try Reading(as: form) }
    let slots = ["template", "of.own", "of.reading"]
    guard let part = slots.lazy.compactMap({ inputs.artifact($0)?[Part.reading] }).first else {
      preconditionFailure("BUG: '\(inputs.instance.id)' has no reading")
    }
    return try Reading(json: JSON(parsing: try await objects.read(part)))
  }

  /// What was asked about, and how: a table that compares scores says where these differ.
  private static func context(_ inputs: Inputs) -> JSONObject {
    func digest(_ slots: [String], _ part: String) -> JSON {
      JSON(slots.lazy.compactMap { inputs.artifact($0)?[part]?.digest.hex }.first)
    }
    var context = JSONObject([
      ("data", digest(["data", "of.data"], Part.rows)),
      ("prompt", digest(["template", "of.prompt"], Part.prompt)),
      ("main_metric", JSON(metrics(inputs.settings).first)),
    ])
    if metrics(inputs.settings).contains("cost") {
      context["price"] = ScoringRule.price(inputs)?.json ?? .null
    }
    return context
  }
}

extension JSONObject {
  /// This object and another's members behind its own.
  func merging(_ other: JSONObject) -> JSONObject { JSONObject(members + other.members) }
}
