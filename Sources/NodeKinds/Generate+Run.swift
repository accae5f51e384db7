package import Execution
import ModelService
package import Primitives
import Store
import Tasks
package import Workflow

extension Generate {
  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    JSONObject([("renderer", JSON(PromptTemplate.rendererVersion))])
  }

  package static func questionnaires(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> [Questionnaire] {
    [try await Questionnaire(inputs, services)]
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let questions = try await Questionnaire(inputs, services)
    let tally = try await questions.ask(services)
    var states = StateCounts()
    var ended = EndedConversations()
    let writer = try services.objects.writer()
    try await questions.forEachChunk(services.models.calls) { rows in
      let lines = rows.flatMap(\.completions)
      for line in lines { states.count(line) }
      for row in rows {
        try ended.count(row.completions, of: questions.prompt.turns(of: row.record))
      }
      try await Blocking.run {
        for line in lines { try writer.write(line.json.canonical + [0x0A]) }
      }
    }
    if let failure = states.rejection(tally.firstRejection, tally.facts) { throw failure }
    await output.add(Part.rows, try await writer.commit())
    var facts = tally.facts
    for (name, value) in states.facts + ended.facts { facts[name] = value }
    return NodeOutcome(facts: facts, notes: tally.notes + states.notes + ended.notes)
  }
}

/// How many conversations ended before the user had said everything.
private struct EndedConversations: Sendable {
  private var conversations = 0
  private var answers = 0
  private var ended = 0
  private var unasked = 0

  mutating func count(_ completions: [CompletionRow], of turns: [String]?) {
    guard let turns else { return }
    for completion in completions {
      conversations += 1
      answers += completion.turns.count
      let left = turns.count - completion.turns.count
      unasked += left
      if left > 0 { ended += 1 }
    }
  }

  /// Facts for the run record.
  var facts: [(key: String, value: JSON)] {
    guard conversations > 0 else { return [] }
    return [
      ("turns", JSON(answers)), ("ended_conversations", JSON(ended)),
      ("unasked_turns", JSON(unasked)),
    ]
  }

  var notes: [String] {
    guard ended > 0 else { return [] }
    return [
      "\(ended) of \(conversations) conversations ended at an answer that is not usable; "
        + "\(unasked) turns behind it were not asked"
    ]
  }
}
