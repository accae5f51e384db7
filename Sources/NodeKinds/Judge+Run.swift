package import Execution
import ModelService
package import Primitives
import Store
import Tasks
package import Workflow

extension Judge {
  package static func versions(of instance: Instance, _ inputs: Inputs) async throws -> JSONObject {
    JSONObject([
      ("renderer", JSON(PromptTemplate.rendererVersion)), ("reading", JSON(Reading.version)),
      ("metric.\(Ratings.name)", JSON(Ratings.version)),
    ])
  }

  package static func preflight(_ inputs: Inputs, _ services: Services) async throws {
    try BatchRule.check(inputs, services)
    guard let rows = try await JudgedRows(inputs, services.objects) else { return }
    try await TemplateFit.check(rows, inputs, services.objects)
  }

  package static func questionnaires(
    _ inputs: Inputs,
    _ services: Services
  ) async throws -> [Questionnaire] {
    let rows = try await rows(inputs, services)
    return try await JudgePanel(inputs, services, rows: rows).members.map(\.questions)
  }

  private static func rows(_ inputs: Inputs, _ services: Services) async throws -> JudgedRows {
    guard let rows = try await JudgedRows(inputs, services.objects) else {
      preconditionFailure("BUG: '\(inputs.instance.id)' has nothing to judge")
    }
    return rows
  }

  package static func run(
    _ inputs: Inputs,
    _ output: OutputWriter,
    _ services: Services
  ) async throws -> NodeOutcome {
    let rows = try await rows(inputs, services)
    let panel = try await JudgePanel(inputs, services, rows: rows)
    var tally = AskingTally()
    for member in panel.members { try await member.questions.ask(services, &tally) }

    var score = JudgeScore()
    var states = StateCounts()
    let writer = try services.objects.writer()
    let stream = JudgedRowStream(try rows.reader())
    while case let chunk = try await stream.next(Questionnaire.chunk), !chunk.isEmpty {
      let shown = chunk.flatMap(\.turns).compactMap(\.record)
      let judgements = try await panel.judgements(of: shown, services.models.calls)
      for judgement in judgements.joined() { states.count(judgement.answer) }
      var given = judgements.makeIterator()
      let lines = chunk.map { row in
        let results = row.turns.map { turn in
          turn.record == nil ? JudgedResult() : panel.result(given.next() ?? [])
        }
        return score.add(row, results)
      }
      try await Blocking.run {
        for line in lines { try writer.write(line.canonical + [0x0A]) }
      }
    }
    if let failure = states.rejection(tally.firstRejection, tally.facts) { throw failure }
    await output.add(Part.rows, try await writer.commit())
    try await output.put(Part.summary, summary(score, inputs))
    return try outcome(score, tally, states, inputs)
  }

  private static func summary(_ score: JudgeScore, _ inputs: Inputs) -> JSON {
    let of = inputs.require("of")
    let data = of.type == .dataset ? of : inputs.artifact("of.data")
    return score.json(
      data: data?[Part.rows]?.digest,
      prompt: inputs.artifact("of.prompt")?[Part.prompt]?.digest
    )
  }

  private static func outcome(
    _ score: JudgeScore,
    _ tally: AskingTally,
    _ states: StateCounts,
    _ inputs: Inputs
  ) throws -> NodeOutcome {
    var facts = tally.facts
    for (name, value) in states.facts + score.facts { facts[name] = value }
    if let limit = inputs.settings.number("fail_above"), score.invalidShare > limit,
      let trouble = score.trouble
    {
      var failure = NodeFailure(
        "\(trouble); the limit is \(Percent.text(limit))",
        reason: .badRows,
        hint: "the judge's words are kept: look at them with 'distill calls', then mend the "
          + "template or raise 'fail_above'"
      )
      failure.facts = facts
      throw failure
    }
    return NodeOutcome(
      facts: facts,
      notes: tally.notes + [score.trouble].compactMap(\.self)
    )
  }
}

/// Rows to be judged, some at a time, read where reading may block.
private final class JudgedRowStream: @unchecked Sendable {
  // Safe: one task at a time awaits `next`, which is the only use of the reader.
  private let reader: JudgedRowReader

  init(_ reader: JudgedRowReader) {
    self.reader = reader
  }

  /// Rows with `count` turns together, or a row more; none behind the last.
  func next(_ count: Int) async throws -> [JudgedRow] {
    try await Blocking.run { [self] in
      var rows: [JudgedRow] = []
      var turns = 0
      while turns < count, let row = try reader.next() {
        rows.append(row)
        turns += row.turns.count
      }
      return rows
    }
  }
}
