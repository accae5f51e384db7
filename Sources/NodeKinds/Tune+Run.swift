package import Execution
import ModelService
package import Primitives
import Store
import Tasks
package import Workflow

extension Tune {
  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    var versions = JSONObject([
      ("renderer", JSON(PromptTemplate.rendererVersion)), ("reading", JSON(Reading.version)),
    ])
    let metrics = [goal(instance.settings).metricName]
    for (name, version) in ScoringRule.versions(of: metrics, inputs) { versions[name] = version }
    return versions
  }

  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try await TemplateFit.check(inputs, services.objects)
    try await ScoringRule.preflight(
      inputs,
      metrics: [goal(inputs.settings).metricName],
      services.objects
    )
  }

  package static func questionnaires(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> [Questionnaire] {
    var questionnaires: [Questionnaire] = []
    for trial in TuneTrial.all(inputs) {
      questionnaires.append(try await questionnaire(trial, inputs, services))
    }
    return questionnaires
  }

  private static func questionnaire(
    _ trial: TuneTrial,
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

  /// The goal that the checker has seen to be there.
  private static func goal(_ settings: Settings) -> TuneGoal {
    guard let goal = TuneGoal(settings) else {
      preconditionFailure("BUG: the checker let a search without a direction through")
    }
    return goal
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let goal = goal(inputs.settings)
    var scored: [ScoredTrial] = []
    var tally = AskingTally()
    for trial in TuneTrial.all(inputs) {
      let questions = try await questionnaire(trial, inputs, services)
      try await questions.ask(services, &tally)
      scored.append(try await score(trial, questions, goal, inputs, services))
    }
    let best = scored.indices.reduce(0) { scored[$1].isBetter(than: scored[$0], goal) ? $1 : $0 }
    try await write(scored, best: best, goal, output)
    return outcome(scored, best: best, goal, tally)
  }

  private static func score(
    _ trial: TuneTrial,
    _ questions: Questionnaire,
    _ goal: TuneGoal,
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> ScoredTrial {
    let part = trial.template.require(Part.reading)
    let reading = try Reading(json: JSON(parsing: try await services.objects.read(part)))
    var scoring = try await Scoring(
      inputs,
      services,
      reading: reading,
      metrics: [goal.metricName]
    )
    try await questions.forEachChunk(services.models.calls) { rows in
      _ = try await scoring.add(rows.map { AnsweredRow($0.record, $0.completions) })
    }
    return ScoredTrial(trial: trial, scores: scoring.scorer.summary)
  }

  private static func write(
    _ scored: [ScoredTrial],
    best: Int,
    _ goal: TuneGoal,
    _ output: OutputWriter
  ) async throws {
    let chosen = scored[best].trial
    try await output.put(Part.chosen, chosen.decoding.json)
    for part in [Part.prompt, Part.target, Part.reading] {
      await output.add(part, chosen.template.require(part))
    }
    try await output.putRows(Part.trials) { write in
      for (index, trial) in scored.enumerated() {
        try write(trial.json(goal, isChosen: index == best))
      }
    }
  }

  /// The choice and the evidence for it: the figure with its interval, and by how much the best is
  /// ahead of the next.
  private static func outcome(
    _ scored: [ScoredTrial],
    best: Int,
    _ goal: TuneGoal,
    _ tally: AskingTally
  ) -> NodeOutcome {
    let winner = scored[best]
    var facts = tally.facts
    facts["trials"] = JSON(scored.count)
    facts["chosen"] = winner.trial.decoding.json
    facts["chosen_template"] = .string(winner.trial.templateName)
    facts["direction"] = .string(goal.direction.rawValue)
    facts[goal.metric] = winner.scores.figure(goal.metric).map { .number($0.value) } ?? .null
    var notes = tally.notes
    guard let figure = winner.scores.figure(goal.metric) else {
      notes.append(
        "no trial has a figure '\(goal.metric)'; the first, with the fewest tokens, is kept"
      )
      return NodeOutcome(facts: facts, notes: notes)
    }
    facts["chosen_low"] = .number(figure.low)
    facts["chosen_high"] = .number(figure.high)
    let equals = scored.indices.filter { index in
      index != best
        && scored[index].scores.figure(goal.metric).map { other in
          other.low <= figure.high && figure.low <= other.high
        } ?? false
    }
    if !equals.isEmpty {
      notes.append(
        "the choice is not certain: the intervals of \(equals.count) other "
          + "\(equals.count == 1 ? "trial" : "trials") of \(scored.count) overlap that of the best"
      )
    }
    return NodeOutcome(facts: facts, notes: notes)
  }
}
