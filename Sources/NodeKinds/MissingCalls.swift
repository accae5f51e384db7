import Execution
import ModelService
import Primitives
import Tasks

/// The calls of a questionnaire that have no answer yet, found while others are in flight.
///
/// Of a conversation it is the first turn without an answer: the others hang on that one. One task
/// at a time asks for the next.
struct MissingCalls {
  private let questions: Questionnaire
  private let service: CallService
  private let fresh: Bool
  private let stream: RecordStream
  private var found: ArraySlice<Inquiry> = []
  /// Calls looked at so far; among them what follows answers that are there.
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
    stream = try await questions.records()
  }

  /// The next call without an answer, in the rows' order; nil behind the last.
  mutating func next() async throws -> Inquiry? {
    while found.isEmpty {
      let records = try await stream.next(Questionnaire.chunk)
      if records.isEmpty { return nil }
      found = try await missing(records.flatMap { try questions.inquiries(about: $0) })[...]
    }
    return found.removeFirst()
  }

  /// Which of the calls lack an answer, or which of those that follow them.
  private mutating func missing(_ inquiries: [Inquiry]) async throws -> [Inquiry] {
    var missing: [(place: Int, inquiry: Inquiry)] = []
    var pending = inquiries.enumerated().map { (place: $0, inquiry: $1) }
    while !pending.isEmpty {
      let costs = try await service.recordedCosts(
        pending.map(\.inquiry.call.key),
        fresh: fresh
      )
      note(pending.count, costs)
      missing += pending.filter { costs[$0.inquiry.call.key] == nil }
      pending = try await following(pending.filter { costs[$0.inquiry.call.key] != nil })
    }
    return missing.sorted { $0.place < $1.place }.map(\.inquiry)
  }

  /// What the answers of calls that have one lead to.
  private func following(
    _ answered: [(place: Int, inquiry: Inquiry)]
  ) async throws -> [(place: Int, inquiry: Inquiry)] {
    guard questions.isContinued, !answered.isEmpty else { return [] }
    let answers = try await service.recordedAnswers(answered.map(\.inquiry.call.key))
    return try answered.compactMap { place, inquiry in
      guard let answer = answers[inquiry.call.key] else { return nil }
      return try questions.next(after: inquiry, answer).map { (place, $0) }
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
