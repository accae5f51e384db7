import Primitives
import Store
import Transfer

/// Joins the lines of a batch's files with its calls, in whatever order they come.
struct BatchSorter {
  /// A call that may have been paid for, why, and what came in place of an answer.
  typealias Doubt = (attempt: Attempt, message: String, fragment: String?)

  let reader: VerdictReader
  let pricing: Pricing?
  var outcome = BatchOutcome()
  private(set) var doubts: [Doubt] = []
  private var open: [Digest: Attempt]
  /// Calls of which a line said that they were not worked on.
  private var declined: Set<Digest> = []

  init(open: [Attempt], reader: VerdictReader, pricing: Pricing?) {
    self.open = Dictionary(open.map { ($0.key, $0) }) { first, _ in first }
    self.reader = reader
    self.pricing = pricing
  }

  /// Calls that are free to be sent again, since a line said that they were not worked on.
  var declinedCount: Int { declined.count }

  /// Calls of which no line said anything, in the order of their attempts.
  var missing: [Attempt] {
    open.filter { !declined.contains($0.key) }.map(\.value).sorted { $0.id < $1.id }
  }

  /// Takes a line in.
  ///
  /// - Returns: What is to be recorded; nil for a line without an answer.
  mutating func take(_ bytes: [UInt8]) -> Settlement? {
    guard bytes.contains(where: { $0 > 0x20 }) else { return nil }
    guard let line = BatchLine(bytes) else {
      outcome.report.malformed += 1
      return nil
    }
    guard let key = Digest(hex: line.id), let attempt = open[key] else {
      let isKnown = Digest(hex: line.id).map(outcome.answered.contains) ?? false
      if isKnown { outcome.report.duplicates += 1 } else { outcome.report.strangers += 1 }
      return nil
    }
    switch line.content {
    case .withheld(let message):
      decline(key, message)
      return nil
    case .response(let response): return take(response, attempt)
    }
  }

  private mutating func take(_ response: HTTPResponse, _ attempt: Attempt) -> Settlement? {
    switch reader.verdict(.response(response)) {
    case .final(let answer, let isCharged):
      open[attempt.key] = nil
      return settlement(answer, isCharged: isCharged, attempt)
    case .declined(let refusal): decline(attempt.key, refusal.message)
    case .notSent(let message): decline(attempt.key, message)
    case .stop(let stop):
      decline(attempt.key, stop.message)
      outcome.stop = outcome.stop ?? stop
    case .inDoubt(let message, let fragment, _):
      open[attempt.key] = nil
      doubts.append((attempt, message, fragment))
      outcome.messages[attempt.key] = message
    }
    return nil
  }

  /// The call is free to be sent again, in another batch, for nothing was done.
  private mutating func decline(_ key: Digest, _ message: String) {
    declined.insert(key)
    outcome.messages[key] = message
  }

  private mutating func settlement(
    _ answer: Answer,
    isCharged: Bool?,
    _ attempt: Attempt
  ) -> Settlement {
    let cost = isCharged == false ? Money.zero : pricing?.cost(of: answer.usage)
    outcome.answered.insert(attempt.key)
    outcome.report.made += 1
    if let cost { outcome.report.spent += cost } else { outcome.report.unknownCost += 1 }
    return Settlement(
      attempt,
      answer.outcome,
      body: answer.json.canonical,
      servedModel: answer.servedModel,
      tokens: TokenCounts(
        prompt: answer.usage.promptTokens,
        completion: answer.usage.completionTokens
      ),
      cost: cost,
      detail: answer.isUsable ? nil : ["state": .string(answer.state.rawValue)]
    )
  }
}
