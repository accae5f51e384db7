import Primitives
import Store

/// A call in one line, or as JSON.
enum CallText {
  /// Digits of a key that are shown; the commands take any beginning that is unique.
  static let keyDigits = 16

  static func line(_ call: CallSummary) -> String {
    var parts = [
      String(call.key.hex.prefix(keyDigits)), padded(call.state.name, 14),
      padded(ModelName.short(call.model), 24), Times.moment(call.startedAt),
    ]
    if call.attempts > 1 { parts.append("\(call.attempts) attempts") }
    parts.append(money(call))
    if let tokens = tokens(call.tokens) { parts.append(tokens) }
    if let run = call.runID { parts.append("run \(run)") }
    return parts.joined(separator: "  ")
  }

  /// What a call cost, or what stands for that.
  static func money(_ call: CallSummary) -> String {
    if let cost = call.cost { return "\(cost)" }
    if case .free = call.state { return "nothing paid that is known" }
    return call.reserved.map { "at most \($0)" } ?? "cost unknown"
  }

  static func tokens(_ tokens: TokenCounts) -> String? {
    guard let prompt = tokens.prompt, let completion = tokens.completion else { return nil }
    return "\(Amounts.count(prompt)) + \(Amounts.count(completion)) tokens"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func json(_ call: CallSummary) -> JSON {
    [
      "key": .string(call.key.hex), "state": .string(call.state.name),
      "model": .string(call.model), "run": JSON(call.runID), "workflow": JSON(call.account),
      "attempts": JSON(call.attempts), "cost_usd": Amounts.json(call.cost),
      "reserved_usd": Amounts.json(call.reserved),
      "prompt_tokens": call.tokens.prompt.map { JSON($0) } ?? .null,
      "completion_tokens": call.tokens.completion.map { JSON($0) } ?? .null,
      "served_model": JSON(call.servedModel), "started_at_ms": .integer(call.startedAt),
      "ended_at_ms": call.endedAt.map(JSON.integer) ?? .null,
    ]
  }
}

/// What the attempts of a store or a run come to, in words.
enum CallSumText {
  /// One line a model: attempts by state, what they cost, what stands for unknown costs.
  static func lines(_ sums: [CallSum]) -> [String] {
    let models = Dictionary(grouping: sums, by: \.model)
    return models.sorted { UTF8Order.less($0.key, $1.key) }.map { model, sums in
      let states = sums.sorted { rank($0) < rank($1) }
        .map { "\(Amounts.count($0.attempts)) \($0.state)" }.joined(separator: ", ")
      return "\(ModelName.short(model)): \(states); \(money(sums))"
    }
  }

  /// In the order of lists, which begin with what is in doubt; attempts without an answer come last.
  private static func rank(_ sum: CallSum) -> Int {
    CallState.all.firstIndex { $0.name == sum.state } ?? CallState.all.count
  }

  private static func money(_ sums: [CallSum]) -> String {
    let total = sums.reduce(Spending()) { total, sum in
      Spending(
        settled: total.settled + sum.cost,
        reserved: total.reserved + sum.reserved,
        unpriced: total.unpriced + sum.unpriced
      )
    }
    return SpendingText.of(total)
  }
}

/// What was spent, in words that do not take the unknown for nothing.
enum SpendingText {
  static func of(_ spending: Spending) -> String {
    let unknown = "unknown for \(Amounts.count(spending.unpriced, "call or job", "calls or jobs"))"
    if spending.unpriced > 0, spending.committed == .zero { return unknown }
    var parts = ["\(spending.settled)"]
    if spending.reserved > .zero { parts.append("at most \(spending.reserved) more") }
    if spending.unpriced > 0 { parts.append("and \(unknown)") }
    return parts.joined(separator: ", ")
  }

  static func json(_ spending: Spending) -> JSON {
    [
      "spent_usd": .number(spending.settled.usd), "reserved_usd": .number(spending.reserved.usd),
      "unpriced": JSON(spending.unpriced),
    ]
  }
}
