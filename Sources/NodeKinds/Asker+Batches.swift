import Execution
import ModelService
import Primitives

extension Asker {
  /// How many calls, and bytes of prompts, are handed to the batch API at once: about what one batch
  /// may hold, so that memory is bounded however many rows there are.
  private static let most = (calls: 50_000, bytes: 100 << 20)

  /// Sends what lacks an answer by the service's batch API; of conversations one turn, since the
  /// next can be written only when the batch is back.
  mutating func sendInBatches(
    _ missing: inout MissingCalls,
    _ tally: inout AskingTally
  ) async throws {
    var calls: [ModelCall] = []
    var bytes = 0
    while let call = try await missing.next()?.call {
      calls.append(call)
      bytes += call.request.promptTokenBound
      guard calls.count == Self.most.calls || bytes >= Self.most.bytes else { continue }
      try await send(calls, missing, &tally)
      calls = []
      bytes = 0
    }
    if !calls.isEmpty { try await send(calls, missing, &tally) }
  }

  private mutating func send(
    _ calls: [ModelCall],
    _ missing: MissingCalls,
    _ tally: inout AskingTally
  ) async throws {
    let endpoint = try await target()
    let service = services.models.calls
    tally.note(missing)
    let done = tally.progress(of: total)
    let report = services.report
    let answered = try await service.batches.answer(calls, from: endpoint) { batch in
      var progress = done
      progress.done += batch.completed + batch.failed
      report(progress)
    }
    tally.count(answered)
    // The report holds money, and no tokens; the few calls that others answered meanwhile are among
    // these.
    for start in stride(from: 0, to: calls.count, by: Questionnaire.chunk) {
      let some = calls[start..<min(start + Questionnaire.chunk, calls.count)]
      for answer in try await service.recordedAnswers(some.map(\.key)).values {
        tally.countTokens(of: answer)
      }
    }
  }
}
