import Execution
import ModelService
import Primitives

extension Questionnaire {
  /// Asks about the first rows, and reckons from their answers what all of them will take.
  ///
  /// The answers stay in the ledger, so that the run which follows does not pay for them again.
  func pilot(_ services: Services, rows: Int) async throws -> PilotAnswers {
    let service = services.models.calls
    var answers = PilotAnswers(planned: try await planned(service, fresh: false))
    var sample = self
    sample.rowLimit = rows
    answers.made = try await sample.ask(services).made
    var tokens = SampleMoments()
    var costs: SampleMoments? = SampleMoments()
    let pricing = mode == .batch ? model.pricing.inBatch : model.pricing
    try await sample.forEachAnswer(service) { answer in
      answers.asked += 1
      answers.promptTokens += answer.usage.promptTokens ?? 0
      answers.completionTokens += answer.usage.completionTokens ?? 0
      tokens.add(
        Double((answer.usage.promptTokens ?? 0) + (answer.usage.completionTokens ?? 0))
      )
      guard let cost = pricing.cost(of: answer.usage) else {
        costs = nil
        answers.cost = nil
        return
      }
      costs?.add(cost.usd)
      answers.cost = answers.cost.map { $0 + cost }
    }
    let left = max(0, answers.planned.toMake - answers.made)
    let tokenRange = tokens.sum(of: left)
    answers.tokensLeft = Int(tokenRange.lowerBound)...Int(tokenRange.upperBound.rounded(.up))
    answers.costLeft = costs.map {
      let range = $0.sum(of: left)
      return Money(usd: range.lowerBound)...Money(usd: range.upperBound)
    }
    return answers
  }

  private func forEachAnswer(
    _ service: CallService,
    _ body: (Answer) -> Void
  ) async throws {
    let stream = try await records()
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      try await follow(records, service) { _, _, answer in
        if let answer { body(answer) }
      }
    }
  }
}

/// Mean and variance of a sample, by Welford's update (Technometrics 4, 1962).
struct SampleMoments {
  private var count = 0
  private var mean = 0.0
  private var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let difference = value - mean
    mean += difference / Double(count)
    squares += difference * (value - mean)
  }

  /// Where the sum of so many further values lies: a 95 % prediction interval, normal, never below
  /// zero.
  ///
  /// Its variance is that of the values themselves and that of the mean they are reckoned from.
  func sum(of further: Int) -> ClosedRange<Double> {
    guard count > 0, further > 0 else { return 0...0 }
    let number = Double(further)
    let variance = count > 1 ? squares / Double(count - 1) : 0
    let spread = 1.96 * (variance * (number + number * number / Double(count))).squareRoot()
    return max(0, number * mean - spread)...(number * mean + spread)
  }
}
