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
    for name in metrics(instance.settings) {
      versions["metric.\(name)"] = JSON(Metrics.named(name)?.version ?? 0)
    }
    return versions
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
    let isScoringModel = inputs.settings["of"] == nil
    var scorer = try Scorer(
      reading: try await reading(inputs, services.objects),
      inputs.settings,
      metrics: metrics(inputs.settings)
    )
    var facts = JSONObject()
    var notes: [String] = []
    let writer = try services.objects.writer()
    if isScoringModel {
      let questions = try await Questionnaire(inputs, services)
      let tally = try await questions.ask(services)
      var states = StateCounts()
      try await questions.forEachChunk(services.models.calls) { rows in
        for row in rows { for completion in row.completions { states.count(completion) } }
        let results = rows.map { scorer.add($0.record, $0.completions) }
        try await write(results, writer)
      }
      if let failure = states.rejection(tally.firstRejection, tally.facts) { throw failure }
      facts = tally.facts
      for (name, value) in states.facts { facts[name] = value }
      notes = tally.notes + states.notes
    } else {
      try await score(inputs, &scorer, writer, services.objects)
    }
    await output.add(Part.rows, try await writer.commit())
    try await output.put(Part.summary, scorer.json)
    for summary in scorer.summaries {
      for named in summary.figures {
        facts["\(summary.name).\(named.name)"] = .number(named.figure.value)
      }
    }
    return NodeOutcome(facts: facts, notes: notes + scorer.notes)
  }

  private static func metrics(_ settings: Settings) -> [String] {
    settings.json("metrics")?.array?.compactMap(\.string) ?? ["accuracy"]
  }

  /// `as` before the template's reading; the checker has seen to it that there is one of them.
  private static func reading(_ inputs: Inputs, _ objects: ObjectStore) async throws -> Reading {
    if let form = inputs.settings.text("as") { return try Reading(as: form) }
    let slots = ["template", "of.reading"]
    guard let part = slots.lazy.compactMap({ inputs.artifact($0)?[Part.reading] }).first else {
      preconditionFailure("BUG: '\(inputs.instance.id)' has no reading")
    }
    return try Reading(json: JSON(parsing: try await objects.read(part)))
  }

  /// Scores completions or labels that exist, every row of their dataset counting.
  private static func score(
    _ inputs: Inputs,
    _ scorer: inout Scorer,
    _ writer: ObjectWriter,
    _ objects: ObjectStore
  ) async throws {
    let scored = inputs.require("of")
    let path = try await objects.verifiedPath(scored.require(Part.rows))
    let dataPath = try await objects.verifiedPath(inputs.require("of.data").require(Part.rows))
    let start = scorer
    scorer = try await Blocking.run {
      var scorer = start
      var lines = try LineReader(path: dataPath)
      if scored.type == .labels {
        var labels = try LabelIndex(path: path)
        while let line = try lines.next() {
          let record = try Record(line: line)
          let result = scorer.add(record, try labels.find(record.id))
          try writer.write(result.json.canonical + [0x0A])
        }
      } else {
        var completions = try CompletionIndex(path: path)
        while let line = try lines.next() {
          let record = try Record(line: line)
          let result = scorer.add(record, try completions.find(record.id))
          try writer.write(result.json.canonical + [0x0A])
        }
      }
      return scorer
    }
  }

  private static func write(_ results: [RowResult], _ writer: ObjectWriter) async throws {
    try await Blocking.run {
      for result in results { try writer.write(result.json.canonical + [0x0A]) }
    }
  }
}
