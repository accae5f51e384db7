import Execution
import ModelService
import Primitives
import Tasks

extension Questionnaire {
  /// Hands out the rows with their completions, a chunk at a time, in the rows' order.
  ///
  /// Every call must have been answered; one without a recorded answer is a bug.
  func forEachChunk(
    _ service: CallService,
    _ body: ([(record: Record, completions: [CompletionRow])]) async throws -> Void
  ) async throws {
    let stream = try await records()
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      let completions = try await completions(of: records, service)
      try await body(zip(records, completions).map { ($0, $1) })
    }
  }

  /// The completions of some records, one a sample, each of the last draw: the first that is usable,
  /// else the last there is.
  func completions(
    of records: [Record],
    _ service: CallService
  ) async throws -> [[CompletionRow]] {
    var drafts: [CompletionDraft] = []
    try await follow(records, service) { place, inquiry, answer in
      guard let answer else {
        preconditionFailure(
          "BUG: call \(inquiry.call.key) was made and has no answer in the ledger"
        )
      }
      if place == drafts.count { drafts.append(CompletionDraft(inquiry)) }
      drafts[place].add(inquiry, answer)
    }
    return records.indices.map { index in
      drafts[index * samples..<(index + 1) * samples].map(\.row)
    }
  }

  /// Follows the calls of some records from answer to answer, all of them a step at a time.
  ///
  /// - Parameters:
  ///   - records: A few hundred at most: their answers are looked up at once.
  ///   - service: Whose answers count.
  ///   - visit: Is given each call with its place (records in order, a record's samples in order) and
  ///     its recorded answer; behind a call without one nothing is known.
  /// - Throws: What the store or `visit` throws.
  func follow(
    _ records: [Record],
    _ service: CallService,
    _ visit: (_ place: Int, Inquiry, Answer?) throws -> Void
  ) async throws {
    var pending = try records.flatMap { try inquiries(about: $0) }.enumerated()
      .map { (place: $0, inquiry: $1) }
    while !pending.isEmpty {
      let answers = try await service.recordedAnswers(pending.map(\.inquiry.call.key))
      var following: [(place: Int, inquiry: Inquiry)] = []
      for (place, inquiry) in pending {
        let answer = answers[inquiry.call.key]
        try visit(place, inquiry, answer)
        guard let answer, let next = try self.next(after: inquiry, answer) else { continue }
        following.append((place, next))
      }
      pending = following
    }
  }
}

/// A completion row in the making, call by call.
private struct CompletionDraft {
  private let id: String
  private let sample: Int
  private let isConversation: Bool
  private var turns: [CompletionRow.Turn] = []

  init(_ first: Inquiry) {
    id = first.record.id
    sample = first.call.draw.sample
    isConversation = first.turns != nil
  }

  /// A further draw of a turn takes the place of the one before.
  mutating func add(_ inquiry: Inquiry, _ answer: Answer) {
    let turn = CompletionRow.Turn(answer, reroll: inquiry.call.draw.reroll)
    if inquiry.answers.count < turns.count { turns.removeLast() }
    turns.append(turn)
  }

  var row: CompletionRow {
    guard isConversation else { return CompletionRow(id: id, sample: sample, turns[0]) }
    return CompletionRow(id: id, sample: sample, turns: turns)
  }
}
