import Engine
import Execution
import Primitives
import Store
import Synchronization
import Workflow

/// A pilot: some rows of each instance that is known are asked about, and the rest is estimated.
struct PilotRun {
  let session: Session
  let plan: Plan
  let rows: Int
  let common: CommonOptions

  /// Asks, and tells of each instance when it is done.
  ///
  /// - Throws: `ExitStatus.paused` for a budget or quota that is used up, that of a signal, and
  ///   whatever makes calls fail. Answers that came are kept in any case.
  func run() async throws -> [Pilot] {
    let stopping = Mutex<ExitStatus?>(nil)
    let result = await StoppableWork.result { status in
      stopping.withLock { $0 = status }
      Terminal.error("stopping: no new calls; waiting for those in flight (again to end now)")
    } _: {
      try await session.engine.pilot(plan, rows: rows) { pilot in
        if !common.json { Terminal.output(PilotText.lines(pilot)) }
      }
    }
    if let status = stopping.withLock(\.self) {
      Terminal.error(
        "what was answered is kept; the same command goes on from here: \(CommandText.typed)"
      )
      throw status
    }
    let pilots = try Self.paused(result)
    if !common.json { Terminal.output(PilotText.total(pilots)) }
    return pilots
  }

  private static func paused(_ result: Result<[Pilot], any Error>) throws -> [Pilot] {
    do {
      return try result.get()
    } catch {
      let failure = NodeFailure(wrapping: error)
      guard failure.reason == .paused else { throw error }
      Terminal.error("paused: \(failure)")
      throw ExitStatus.paused
    }
  }
}

/// What a pilot came to, in words.
enum PilotText {
  static func lines(_ pilot: Pilot) -> String {
    let answers = pilot.answers
    let asked = "\(Amounts.count(answers.asked, "call")) asked, \(Amounts.count(answers.made)) now"
    let tokens =
      "\(Amounts.count(answers.promptTokens)) tokens in, "
      + "\(Amounts.count(answers.completionTokens)) out"
    return "pilot of \(pilot.instance.id): \(asked); \(tokens); \(Amounts.money(answers.cost))\n"
      + "  \(left(answers))"
  }

  static func total(_ pilots: [Pilot]) -> String {
    guard let first = pilots.first else {
      return "pilot: there are no calls to make that are known"
    }
    let sum = pilots.dropFirst().reduce(first.answers) { $0 + $1.answers }
    return "pilot: \(Amounts.money(sum.cost)) for \(Amounts.count(sum.asked, "call")); \(left(sum))"
  }

  private static func left(_ answers: PilotAnswers) -> String {
    let calls = max(0, answers.planned.toMake - answers.made)
    guard calls > 0 else { return "no calls left" }
    let cost = answers.costLeft.map { Amounts.money($0) } ?? "cost unknown"
    return "\(Amounts.count(calls, "call")) left, which will take "
      + "\(Amounts.count(answers.tokensLeft)) tokens, \(cost) (95 %)"
  }

  static func json(_ pilot: Pilot) -> JSON {
    let answers = pilot.answers
    return [
      "id": .string(pilot.instance.id.text), "asked": JSON(answers.asked),
      "made": JSON(answers.made), "prompt_tokens": JSON(answers.promptTokens),
      "completion_tokens": JSON(answers.completionTokens), "cost_usd": Amounts.json(answers.cost),
      "calls_left": JSON(max(0, answers.planned.toMake - answers.made)),
      "tokens_left": Amounts.json(answers.tokensLeft),
      "cost_left_usd": Amounts.json(answers.costLeft),
    ]
  }
}
