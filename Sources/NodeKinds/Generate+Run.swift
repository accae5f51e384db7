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

  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try await TemplateFit.check(inputs, services.objects)
  }

  package static func plannedCalls(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> PlannedCalls? {
    try await Questionnaire(inputs, services).planned(services.models.calls)
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
      for line in lines { states.count(line.state) }
      try await Blocking.run {
        for line in lines { try writer.write(line.json.canonical + [0x0A]) }
      }
    }
    await output.add(Part.rows, try await writer.commit())
    var facts = tally.facts(for: questions.model)
    facts["states"] = .object(states.json)
    return NodeOutcome(facts: facts, notes: tally.notes + states.notes)
  }
}

/// How many answers ended in each state.
struct StateCounts: Sendable {
  private var counts: [String: Int] = [:]

  mutating func count(_ state: Answer.State) {
    counts[state.rawValue, default: 0] += 1
  }

  private var sorted: [(key: String, value: Int)] { counts.sorted { $0.key < $1.key } }

  var json: JSONObject { JSONObject(sorted.map { ($0.key, JSON($0.value)) }) }

  /// Bad answers are never silent (promise P7).
  var notes: [String] {
    let bad = sorted.filter { $0.key != Answer.State.answered.rawValue }
    guard !bad.isEmpty else { return [] }
    let all = counts.values.reduce(0, +)
    let list = bad.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return ["\(bad.reduce(0) { $0 + $1.value }) of \(all) answers are not usable: \(list)"]
  }
}
