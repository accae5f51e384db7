import Engine
import Execution
import Primitives

/// An instance's end in words.
enum OutcomeText {
  /// Reused instances are counted only; and of those not run only the failures say something new.
  static func isWorthALine(_ outcome: InstanceOutcome) -> Bool {
    switch outcome.status {
    case .ran, .failed: true
    case .interrupted:
      outcome.failure?.message != NodeFailure(wrapping: CancellationError()).message
    case .reused, .skipped: false
    }
  }

  static func line(_ outcome: InstanceOutcome) -> String {
    let time = outcome.seconds >= 0.05 ? " in \(TimeText.of(outcome.seconds))" : ""
    let isPaused = outcome.failure?.reason == .paused
    var text = "\(outcome.id): \(isPaused ? "paused" : outcome.status.rawValue)"
    switch outcome.status {
    case .ran: text += time + calls(outcome.facts)
    case .reused: break
    case .failed, .skipped, .interrupted:
      text += ": \(outcome.failure.map { "\($0)" } ?? "")"
    }
    return ([text] + outcome.notes.map { "  note: \($0)" }).joined(separator: "\n")
  }

  /// Calls, money and bad answers.
  private static func calls(_ facts: JSON) -> String {
    guard let made = facts["made"]?.int, let reused = facts["reused"]?.int else { return "" }
    var text = ", \(Amounts.count(made, "call")) made, \(Amounts.count(reused)) reused"
    if made > 0 { text += ", \(cost(facts))" }
    let bad = AnswerStates.bad(AnswerStates.counts(in: facts))
    if !bad.isEmpty { text += "; \(AnswerStates.text(bad))" }
    return text
  }

  private static func cost(_ facts: JSON) -> String {
    facts["cost_usd"]?.number.map { Amounts.money(usd: $0) } ?? "cost unknown"
  }
}

/// How many answers came in which state (`states` among the facts).
enum AnswerStates {
  static func counts(in facts: JSON) -> [String: Int] {
    let members = facts["states"]?.object?.members ?? []
    return Dictionary(members.map { ($0.key, $0.value.int ?? 0) }) { $0 + $1 }
  }

  /// Those that are no training data unless the workflow says so.
  static func bad(_ counts: [String: Int]) -> [String: Int] {
    counts.filter { $0.key != "answered" && $0.value > 0 }
  }

  /// `3 truncated, 1 refused`, the most frequent first.
  static func text(_ counts: [String: Int]) -> String {
    counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
      .map { "\(Amounts.count($0.value)) \($0.key)" }.joined(separator: ", ")
  }

  static func json(_ counts: [String: Int]) -> JSON {
    .object(JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }))
  }
}

/// Durations as people say them.
enum TimeText {
  static func of(_ seconds: Double) -> String {
    if seconds < 10 { return "\((seconds * 10).rounded() / 10) s" }
    let whole = Int(seconds.rounded())
    if whole < 120 { return "\(whole) s" }
    return "\(whole / 60) min \(whole % 60) s"
  }
}
