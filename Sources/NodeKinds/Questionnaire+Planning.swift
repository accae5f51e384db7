import Execution
import ModelService
import Primitives

extension Questionnaire {
  /// What `plan` shows: which calls there are, which of them are paid, and what the others may cost.
  ///
  /// A conversation counts with all turns that are left: should an answer be unusable, fewer are
  /// asked. Further draws count where the answers that make them necessary are there; whether there
  /// will be others is not known.
  /// With `fresh`, answers of earlier runs do not count as paid.
  func planned(_ service: CallService, fresh: Bool) async throws -> PlannedCalls {
    let pricing = mode == .batch ? model.pricing.inBatch : model.pricing
    var planned = PlannedCalls()
    var missing = try await MissingCalls(self, service, fresh: fresh)
    var unanswered = 0
    while let inquiry = try await missing.next() {
      unanswered += 1
      planned.addNew(CallSize(inquiry.call.request), pricing)
      for turn in 0..<inquiry.turnsLeft { planned.addNew(size(of: turn, behind: inquiry), pricing) }
    }
    // Of what was looked at: rows that ask the same have one answer together.
    planned.paid = missing.seen - unanswered
    planned.total += planned.paid
    planned.paidCost = missing.ofUnknownCost == 0 ? missing.paid : nil
    return planned
  }

  /// The size of a call whose prompt holds answers that are yet to come: each of them may have one
  /// token, or as many as its limit allows.
  ///
  /// - Parameters:
  ///   - turn: How many turns further on it is, less one.
  ///   - inquiry: The turn that is asked now.
  /// - Returns: Bounds of its tokens.
  private func size(of turn: Int, behind inquiry: Inquiry) -> CallSize {
    let asked = (inquiry.turns ?? []).dropFirst(inquiry.answers.count + 1).prefix(turn + 1)
      .map { PromptMessage(role: "user", content: $0) }
    let known = CallSize(
      LogicalRequest(messages: inquiry.call.request.messages + asked, decoding: decoding)
    )
    let answers = turn + 1
    let most = (decoding.maxTokens ?? 1) + LogicalRequest.messageOverhead
    return CallSize(
      prompt: known.prompt.lowerBound + answers...known.prompt.upperBound + answers * most,
      limit: known.limit
    )
  }
}

/// Bounds of a call's tokens, known before it is sent.
private struct CallSize {
  /// A guess, and a bound.
  let prompt: ClosedRange<Int>
  /// The most tokens of its answer; nil where nothing limits them.
  let limit: Int?

  init(prompt: ClosedRange<Int>, limit: Int?) {
    self.prompt = prompt
    self.limit = limit
  }

  init(_ request: LogicalRequest) {
    prompt = request.promptTokenGuess...request.promptTokenBound
    limit = request.decoding.maxTokens
  }

  func least(_ pricing: Pricing) -> Money? {
    pricing.cost(of: Answer.Usage(promptTokens: prompt.lowerBound, completionTokens: 1))
  }

  /// Nil where a price or the limit is not known, save for what is free.
  func most(_ pricing: Pricing) -> Money? {
    if pricing.input == 0, pricing.output == 0 { return .zero }
    return limit.flatMap { limit in
      pricing.cost(
        of: Answer.Usage(promptTokens: prompt.upperBound, completionTokens: limit)
      )
    }
  }
}

extension PlannedCalls {
  fileprivate mutating func addNew(_ size: CallSize, _ pricing: Pricing) {
    total += 1
    promptTokens = promptTokens.adding(size.prompt)
    completionTokens = completionTokens.adding(1...max(1, size.limit ?? 1))
    if size.limit == nil { unlimited += 1 }
    guard let sum = cost, let least = size.least(pricing), let most = size.most(pricing) else {
      cost = nil
      return
    }
    cost = sum.lowerBound + least...sum.upperBound + max(least, most)
  }
}

extension LogicalRequest {
  /// Tokens that a chat template may put around a message, as `promptTokenBound` has it.
  fileprivate static var messageOverhead: Int { 16 }

  /// About how many tokens the prompt has: six bytes a token is what tokenizers reach at best on
  /// English prose.
  fileprivate var promptTokenGuess: Int {
    max(1, messages.reduce(0) { $0 + $1.content.utf8.count } / 6)
  }
}
