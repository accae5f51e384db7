package import Execution
import ModelService
package import Primitives
import Store
import Tasks
package import Workflow

extension Tune {
  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    JSONObject([
      ("renderer", JSON(PromptTemplate.rendererVersion)), ("reading", JSON(Reading.version)),
      ("metric.accuracy", JSON(Metrics.named("accuracy")?.version ?? 0)),
    ])
  }

  package static func questionnaires(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> [Questionnaire] {
    var questionnaires: [Questionnaire] = []
    for trial in trials(inputs) {
      questionnaires.append(try await questionnaire(trial, inputs, services))
    }
    return questionnaires
  }

  private static func questionnaire(
    _ trial: Trial,
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> Questionnaire {
    try await Questionnaire(
      inputs,
      services,
      template: trial.template,
      decoding: trial.decoding
    )
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let metric = metricName(inputs.settings)
    var scored: [ScoredTrial] = []
    var tally = AskingTally()
    for trial in trials(inputs) {
      let questions = try await questionnaire(trial, inputs, services)
      try await questions.ask(services, &tally)
      scored.append(try await score(trial, questions, inputs, services))
    }
    let best = scored.indices.reduce(0) { scored[$1].isBetter(than: scored[$0], metric) ? $1 : $0 }
    try await write(scored, best: best, output)
    var facts = tally.facts
    facts["trials"] = JSON(scored.count)
    facts["chosen"] = scored[best].trial.decoding.json
    facts[metric] = scored[best].scorer.figure(metric).map(JSON.number) ?? .null
    return NodeOutcome(facts: facts, notes: tally.notes)
  }

  private static func metricName(_ settings: Settings) -> String {
    let name = settings.text("metric") ?? "accuracy.all"
    return name == "accuracy" ? "accuracy.all" : name
  }

  /// Every combination of templates and grid values, templates outermost, then the grid's fields
  /// as declared, each in the order written.
  private static func trials(_ inputs: Inputs) -> [Trial] {
    let grid = inputs.settings.json("grid")?.object ?? JSONObject()
    var points: [JSONObject] = [JSONObject()]
    for field in ["temperature", "top_p", "top_k", "max_tokens"] {
      guard let values = grid[field]?.array else { continue }
      points = points.flatMap { point in
        values.map { value in
          var next = point
          next[field] = value
          return next
        }
      }
    }
    var seen: Set<[UInt8]> = []
    return inputs.all("template").flatMap { template in
      points.compactMap { point in
        guard let decoding = try? DecodingParameters(json: .object(Self.effective(point))) else {
          preconditionFailure("BUG: the checker let a grid point through that is none")
        }
        let trial = Trial(
          template: template.artifact,
          templateName: template.instance.text,
          decoding: decoding
        )
        return seen.insert(trial.identity).inserted ? trial : nil
      }
    }
  }

  /// At temperature 0 nothing is sampled, so top_p and top_k change nothing.
  private static func effective(_ point: JSONObject) -> JSONObject {
    guard (point["temperature"]?.number ?? 0) == 0 else { return point }
    var point = point
    point["top_p"] = nil
    point["top_k"] = nil
    return point
  }

  private static func score(
    _ trial: Trial,
    _ questions: Questionnaire,
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> ScoredTrial {
    let part = trial.template.require(Part.reading)
    let reading = try Reading(json: JSON(parsing: try await services.objects.read(part)))
    var scorer = try Scorer(
      reading: reading,
      inputs.settings,
      metrics: ["accuracy"]
    )
    try await questions.forEachChunk(services.models.calls) { rows in
      for row in rows { _ = scorer.add(row.record, row.completions) }
    }
    return ScoredTrial(trial: trial, scorer: scorer)
  }

  private static func write(
    _ scored: [ScoredTrial],
    best: Int,
    _ output: OutputWriter
  ) async throws {
    let chosen = scored[best].trial
    try await output.put(Part.chosen, chosen.decoding.json)
    for part in [Part.prompt, Part.target, Part.reading] {
      await output.add(part, chosen.template.require(part))
    }
    try await output.putRows(Part.trials) { write in
      for trial in scored { try write(trial.json) }
    }
  }
}

/// One point of the search.
private struct Trial: Sendable {
  let template: Artifact
  let templateName: String
  let decoding: DecodingParameters

  /// Equal for trials that would make the same calls and read them alike.
  var identity: [UInt8] {
    let parts = template.parts.map { $0.object.digest.hex }.joined(separator: ",")
    return decoding.json.canonical + Array(parts.utf8)
  }
}

private struct ScoredTrial: Sendable {
  let trial: Trial
  let scorer: Scorer

  /// A higher figure wins; between equals fewer completion tokens; then the earlier, by order.
  func isBetter(than other: ScoredTrial, _ metric: String) -> Bool {
    let mine = scorer.figure(metric) ?? -.infinity
    let theirs = other.scorer.figure(metric) ?? -.infinity
    if mine != theirs { return mine > theirs }
    // A count that is not known is no saving.
    return scorer.completionTokens ?? .max < other.scorer.completionTokens ?? .max
  }

  var json: JSON {
    [
      "template": .string(trial.templateName), "decoding": trial.decoding.json,
      "completion_tokens": scorer.completionTokens.map { JSON($0) } ?? .null, "scores": scorer.json,
    ]
  }
}
