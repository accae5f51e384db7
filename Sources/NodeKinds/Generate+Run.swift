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
    let writer = try services.objects.writer()
    try await questions.forEachChunk(services.models.calls) { rows in
      let lines = rows.flatMap(\.completions)
      for line in lines { states.count(line) }
      try await Blocking.run {
        for line in lines { try writer.write(line.json.canonical + [0x0A]) }
      }
    }
    if let failure = states.rejection(tally.firstRejection, tally.facts) { throw failure }
    await output.add(Part.rows, try await writer.commit())
    var facts = tally.facts
    for (name, value) in states.facts { facts[name] = value }
    return NodeOutcome(facts: facts, notes: tally.notes + states.notes)
  }
}
