import Execution
import ModelService
import Primitives

extension Questionnaire {
  /// What `plan` shows: which calls there are, which of them are paid, and what the others may cost.
  ///
  /// Re-rolls are not counted: whether there will be any is not known.
  /// With `fresh`, answers of earlier runs do not count as paid.
  func planned(_ service: CallService, fresh: Bool) async throws -> PlannedCalls {
    let pricing = model.pricing
    let stream = try await RecordStream(path: dataPath)
    var planned = PlannedCalls()
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      let calls = try records.flatMap { try self.calls(for: $0) }
      let paid = try await service.recordedCosts(calls.map(\.key), fresh: fresh)
      for call in calls {
        if let cost = paid[call.key] {
          planned.addPaid(cost)
        } else {
          planned.addNew(call.request, mode == .batch ? pricing.inBatch : pricing)
        }
      }
    }
    return planned
  }
}

extension PlannedCalls {
  fileprivate mutating func addPaid(_ cost: Money?) {
    total += 1
    paid += 1
    paidCost = paidCost.flatMap { sum in cost.map { sum + $0 } }
  }

  fileprivate mutating func addNew(_ request: LogicalRequest, _ pricing: Pricing) {
    total += 1
    let prompt = request.promptTokenGuess...request.promptTokenBound
    promptTokens = promptTokens.adding(prompt)
    let limit = request.decoding.maxTokens
    completionTokens = completionTokens.adding(1...max(1, limit ?? 1))
    if limit == nil { unlimited += 1 }
    let least = pricing.cost(
      of: Answer.Usage(promptTokens: prompt.lowerBound, completionTokens: 1)
    )
    guard let sum = cost, let least, let most = pricing.worstCase(of: request) else {
      cost = nil
      return
    }
    cost = sum.lowerBound + least...sum.upperBound + max(least, most)
  }
}

extension LogicalRequest {
  /// About how many tokens the prompt has: six bytes a token is what tokenizers reach at best on
  /// English prose.
  fileprivate var promptTokenGuess: Int {
    max(1, messages.reduce(0) { $0 + $1.content.utf8.count } / 6)
  }
}
