import Engine
import Primitives
import Store

/// A run's end in words.
enum SummaryText {
  static func lines(
    _ summary: RunSummary,
    _ account: RunAccount,
    _ common: CommonOptions
  ) -> [String] {
    var lines = [outcome(summary, paused: account.paused), money(summary, account.spent)]
    if !account.badAnswers.isEmpty {
      lines.append(
        "bad answers, kept and out of training: \(AnswerStates.text(account.badAnswers))"
      )
    }
    lines += account.budgets.map(\.text)
    if summary.callsInDoubt > 0 { lines.append(doubts(summary.callsInDoubt)) }
    lines += account.untoldJobs.map { OpenJobs.text($0, common) }
    lines += next(summary)
    return lines
  }

  private static func outcome(_ summary: RunSummary, paused: Int) -> String {
    var parts = ["\(summary.ran) ran", "\(summary.reused) reused"]
    if paused > 0 { parts.append("\(paused) paused") }
    if summary.failed > paused { parts.append("\(summary.failed - paused) failed") }
    if summary.skipped > 0 { parts.append("\(summary.skipped) skipped") }
    parts.append(
      "\(Amounts.count(summary.callsMade, "call")) made, \(Amounts.count(summary.callsReused)) reused"
    )
    if summary.callsInDoubt > 0 { parts.append("\(summary.callsInDoubt) in doubt") }
    let time = TimeText.of(summary.seconds)
    return
      "run \(summary.id) \(summary.status.rawValue) in \(time): \(parts.joined(separator: ", "))"
  }

  private static func money(_ summary: RunSummary, _ spent: Spending) -> String {
    let saved = summary.savedUSD.map { Money(usd: $0) }
    // Where the outcomes cannot tell it all, the ledger has what is known, and how much is not.
    var text = "spent: \(summary.costUSD.map { Amounts.money(usd: $0) } ?? SpendingText.of(spent))"
    if saved != .zero { text += ", saved: \(Amounts.money(saved))" }
    return text
  }

  private static func doubts(_ count: Int) -> String {
    "\(Amounts.count(count, "call")) in doubt: sent, perhaps paid, and no answer known; "
      + "'distill calls' lists them, 'distill calls settle' settles them"
  }

  /// How to go on from a run that did not come to its end.
  private static func next(_ summary: RunSummary) -> [String] {
    guard summary.status == .interrupted || summary.status == .paused else { return [] }
    let text =
      summary.status == .paused
      ? "what was answered is kept; after that, go on with"
      : "what was answered is kept; the same command goes on from here"
    return ["\(text): \(CommandText.typed)"]
  }
}

/// The command as it was typed.
enum CommandText {
  static var typed: String { of(CommandLine.arguments) }

  /// The words as a shell takes them, the program by its name alone.
  static func of(_ arguments: [String]) -> String {
    (["distill"] + arguments.dropFirst()).map(quoted).joined(separator: " ")
  }

  static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        let scalar = UnicodeScalar(byte)
        return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
          || ("0"..."9").contains(scalar) || "-_./=:,@+".unicodeScalars.contains(scalar)
      }
    return isPlain ? word : "'\(ForeignText.line(word).replacing("'", with: "'\\''"))'"
  }
}
