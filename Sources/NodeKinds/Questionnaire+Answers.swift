import Execution
import ModelService
import Primitives
import Tasks

extension Questionnaire {
  /// Hands out the rows with their completions, a chunk at a time, in dataset order.
  ///
  /// Every call must have been answered; one without a recorded answer is a bug.
  func forEachChunk(
    _ service: CallService,
    _ body: ([(record: Record, completions: [CompletionRow])]) async throws -> Void
  ) async throws {
    let stream = try await RecordStream(path: dataPath)
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      let calls = try records.flatMap { try self.calls(for: $0) }
      let answers = try await lastAnswers(to: calls, service)
      try await body(
        records.enumerated().map { index, record in
          let own = index * samples..<(index + 1) * samples
          return (record, own.map { Self.row(record, answers[$0]) })
        }
      )
    }
  }

  /// The answer to each call's last draw: the first that is usable, else the last there is.
  private func lastAnswers(
    to calls: [ModelCall],
    _ service: CallService
  ) async throws -> [(draw: Draw, answer: Answer)] {
    var last: [(draw: Draw, answer: Answer)] = []
    last.reserveCapacity(calls.count)
    var pending: [(position: Int, call: ModelCall)] = calls.enumerated().map { ($0, $1) }
    while !pending.isEmpty {
      let answers = try await service.recordedAnswers(pending.map(\.call.key))
      var next: [(position: Int, call: ModelCall)] = []
      for (position, call) in pending {
        guard let answer = answers[call.key] else {
          preconditionFailure("BUG: call \(call.key) was made and has no answer in the ledger")
        }
        if position == last.count {
          last.append((call.draw, answer))
        } else {
          last[position] = (call.draw, answer)
        }
        if let reroll = reroll(of: call, after: answer) { next.append((position, reroll)) }
      }
      pending = next
    }
    return last
  }

  private static func row(_ record: Record, _ last: (draw: Draw, answer: Answer)) -> CompletionRow {
    CompletionRow(
      id: record.id,
      sample: last.draw.sample,
      reroll: last.draw.reroll,
      answer: last.answer
    )
  }
}
