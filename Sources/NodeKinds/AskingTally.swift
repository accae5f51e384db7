import Execution
import ModelService
import Primitives

/// What asking has come to.
struct AskingTally: Sendable {
  /// Calls that the rows need as far as is known: further draws and turns only behind answers that
  /// are there.
  private(set) var calls = 0
  private(set) var made = 0
  /// Answers that were there, or that another process brought meanwhile.
  private(set) var reused = 0
  /// Calls that have no answer, with the first of their messages.
  private(set) var unanswered = 0
  /// Those of them that may have been charged: sending them again is the user's decision.
  private var inDoubt = 0
  private var firstTrouble: String?
  /// Calls without an answer that were not to be sent, and the first of them.
  private var unasked = 0
  private var firstUnasked: Digest?
  /// Calls made now that the service would not take, with the first of its messages.
  private var rejected = 0
  private(set) var firstRejection: String?
  /// Tokens of the calls made now; answers that were there already cost nothing again.
  private var promptTokens = 0
  private var completionTokens = 0
  /// Calls made now whose usage the server did not state.
  private var withoutUsage = 0
  /// What the calls made now cost, as far as that is known.
  private var spent = Money.zero
  /// Calls made now whose cost is unknown, for want of a price or of usage.
  private var unpriced = 0
  /// The model as the server named it, in order of first sight; more than one means that it changed.
  private(set) var servedModels: [String] = []

  /// What the answers that were there had cost, and how many of them of unknown cost.
  private var saved = Money.zero
  private var savedUnknown = 0

  /// What was odd about the files of batches.
  private var oddities: [String] = []

  // Before the pass under way.
  private var madeBefore = 0
  private var spentBefore = Money.zero
  private var unpricedBefore = 0
  // In it.
  private var reusedInFlight = 0
}

extension AskingTally {
  /// Begins to go through the rows, once more or for the first time.
  mutating func beginPass() {
    madeBefore = made
    spentBefore = spent
    unpricedBefore = unpriced
    reusedInFlight = 0
  }

  /// Notes how far the pass has come; what earlier passes made is found answered by this one, and is
  /// no saving.
  mutating func note(_ pass: MissingCalls) {
    calls = pass.seen
    reused = pass.answered - madeBefore + reusedInFlight
    saved = max(.zero, pass.paid - spentBefore)
    savedUnknown = max(0, pass.ofUnknownCost - unpricedBefore)
  }

  /// Counts what came of a call.
  ///
  /// - Returns: An error that concerns more than this call.
  mutating func count(_ result: Result<CallResult, any Error>) -> (any Error)? {
    switch result {
    case .success(let answered): count(answered)
    case .failure(let error): return count(error)
    }
    return nil
  }

  private mutating func count(_ error: any Error) -> (any Error)? {
    switch error {
    case CallError.inDoubt(let trouble), CallError.unanswered(let trouble),
      CallError.inBatch(let trouble):
      unanswered += 1
      if case CallError.inDoubt = error { inDoubt += 1 }
      firstTrouble = firstTrouble ?? trouble.message
      return nil
    default: return error
    }
  }

  /// Counts a call that is not to be sent.
  mutating func countUnasked(_ key: Digest) {
    unasked += 1
    firstUnasked = firstUnasked ?? key
  }

  /// Counts what came of batches.
  mutating func count(_ report: BatchReport) {
    made += report.made
    reusedInFlight += report.reused
    spent += report.spent
    unpriced += report.unknownCost
    for error in report.failures.values where count(error) != nil {
      unanswered += 1
      firstTrouble = firstTrouble ?? "\(error)"
    }
    let odd = [
      (report.duplicates, "lines for a call that had one"),
      (report.strangers, "lines for calls that were not asked"), (report.malformed, "broken lines"),
    ]
    oddities += odd.filter { $0.0 > 0 }.map { "the batch's files held \($0.0) \($0.1)" }
  }

  /// Counts the tokens of an answer, and the model that gave it.
  mutating func countTokens(of answer: Answer) {
    if let served = answer.servedModel, !servedModels.contains(served) {
      servedModels.append(served)
    }
    let usage = answer.usage
    if usage.promptTokens == nil || usage.completionTokens == nil { withoutUsage += 1 }
    promptTokens += usage.promptTokens ?? 0
    completionTokens += usage.completionTokens ?? 0
    guard answer.state == .rejected else { return }
    rejected += 1
    firstRejection = firstRejection ?? answer.rejection
  }

  private mutating func count(_ result: CallResult) {
    guard result.origin == .made else {
      reusedInFlight += 1
      return
    }
    made += 1
    if let cost = result.cost { spent += cost } else { unpriced += 1 }
    countTokens(of: result.answer)
  }

  /// Adds up what several questionnaires came to.
  mutating func add(_ other: AskingTally) {
    calls += other.calls
    made += other.made
    reused += other.reused
    unanswered += other.unanswered
    inDoubt += other.inDoubt
    unasked += other.unasked
    firstUnasked = firstUnasked ?? other.firstUnasked
    firstTrouble = firstTrouble ?? other.firstTrouble
    rejected += other.rejected
    firstRejection = firstRejection ?? other.firstRejection
    promptTokens += other.promptTokens
    completionTokens += other.completionTokens
    withoutUsage += other.withoutUsage
    spent += other.spent
    unpriced += other.unpriced
    saved += other.saved
    savedUnknown += other.savedUnknown
    oddities += other.oddities
    servedModels += other.servedModels.filter { !servedModels.contains($0) }
  }
}

extension AskingTally {
  func progress(of total: Int) -> CallProgress {
    CallProgress(
      done: made + reused,
      total: max(total, made + reused),
      reused: reused,
      failed: unanswered,
      spent: spent
    )
  }

  /// Why the instance cannot go on, if calls stayed without an answer.
  var failure: NodeFailure? {
    if let firstUnasked {
      return NodeFailure(
        "\(unasked) of \(calls) calls have no recorded answer, and --frozen makes none; the first is "
          + firstUnasked.short,
        hint: "'missing.jsonl' in the run's folder lists them all; without --frozen they are made"
      )
    }
    guard unanswered > 0 else { return nil }
    let kept = made + reused
    if inDoubt == unanswered {
      return NodeFailure(
        "\(inDoubt) of \(calls) calls are in doubt: they may have been charged, and have no answer "
          + "(\(firstTrouble ?? ""))",
        hint:
          "'distill calls --state in-doubt' lists them, and 'distill calls settle' says whether "
          + "they are sent again or done without; the \(kept) answers there are kept"
      )
    }
    return NodeFailure(
      "\(unanswered) of \(calls) calls have no answer (\(firstTrouble ?? ""))",
      hint: kept == 0
        ? "'distill run' again asks once more"
        : "the \(kept) answers there are kept; 'distill run' again asks for the rest only"
    )
  }

  /// What a person should know of the calls.
  var notes: [String] {
    var notes: [String] = []
    if servedModels.count > 1 {
      notes.append(
        "the server named the model differently: \(servedModels.joined(separator: ", "))"
      )
    }
    if let firstRejection {
      notes.append("the service rejected \(rejected) of \(calls) calls: \(firstRejection)")
    }
    return notes + oddities
  }

  /// Facts for the run record; the cost only where it is known, since unknown is not zero.
  var facts: JSONObject {
    var facts = JSONObject([
      ("calls", JSON(calls)), ("made", JSON(made)), ("reused", JSON(reused)),
      ("prompt_tokens", JSON(promptTokens)), ("completion_tokens", JSON(completionTokens)),
    ])
    if !servedModels.isEmpty {
      facts["served_models"] = .array(servedModels.map(JSON.string))
    }
    if withoutUsage > 0 { facts["calls_without_usage"] = JSON(withoutUsage) }
    if unpriced == 0 {
      facts["cost_usd"] = .number(spent.usd)
    } else {
      facts["calls_of_unknown_cost"] = JSON(unpriced)
    }
    if savedUnknown == 0 { facts["saved_usd"] = .number(saved.usd) }
    return facts
  }
}
