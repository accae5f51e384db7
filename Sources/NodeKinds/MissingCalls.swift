import Execution
import ModelService
import Primitives
import Tasks

/// The calls of a questionnaire that have no answer yet, found while others are in flight.
///
/// One task at a time asks for the next.
struct MissingCalls {
  private let questions: Questionnaire
  private let service: CallService
  private let fresh: Bool
  private let stream: RecordStream
  private var found: ArraySlice<ModelCall> = []
  /// Calls looked at so far, re-rolls of answers that are there among them.
  private(set) var seen = 0
  /// How many of these had an answer.
  private(set) var answered = 0
  /// What those had cost, as far as it is known.
  private(set) var paid = Money.zero
  /// How many of them had a cost that is not known.
  private(set) var ofUnknownCost = 0

  /// With `fresh`, answers of earlier runs do not count.
  init(_ questions: Questionnaire, _ service: CallService, fresh: Bool = false) async throws {
    self.questions = questions
    self.service = service
    self.fresh = fresh
    stream = try await RecordStream(path: questions.dataPath, limit: questions.rowLimit)
  }

  /// The next call without an answer, in dataset order; nil behind the last.
  mutating func next() async throws -> ModelCall? {
    while found.isEmpty {
      let records = try await stream.next(Questionnaire.chunk)
      if records.isEmpty { return nil }
      found = try await missing(records.flatMap { try questions.calls(for: $0) })[...]
    }
    return found.removeFirst()
  }

  /// Which of the calls lack an answer, or which re-roll of them.
  private mutating func missing(_ calls: [ModelCall]) async throws -> [ModelCall] {
    var missing: [ModelCall] = []
    var draws = calls
    while !draws.isEmpty {
      let costs = try await service.recordedCosts(draws.map(\.key), fresh: fresh)
      missing += draws.filter { costs[$0.key] == nil }
      note(draws.count, costs)
      draws = try await rerolls(of: draws.filter { costs[$0.key] != nil })
    }
    return missing
  }

  /// The next draws of those among answered calls whose answers are not usable.
  private func rerolls(of calls: [ModelCall]) async throws -> [ModelCall] {
    guard questions.rerolls > 0, !calls.isEmpty else { return [] }
    let answers = try await service.recordedAnswers(calls.map(\.key))
    return calls.compactMap { call in
      answers[call.key].flatMap { questions.reroll(of: call, after: $0) }
    }
  }

  private mutating func note(_ calls: Int, _ costs: [Digest: Money?]) {
    seen += calls
    answered += costs.count
    for cost in costs.values {
      if let cost { paid += cost } else { ofUnknownCost += 1 }
    }
  }
}
