import Execution
import ModelService
import Primitives
import Workflow

/// What asking has come to.
struct AskingTally: Sendable {
  var calls = 0
  var made = 0
  var reused = 0
  /// Tokens of the calls made now; answers that were there already cost nothing again.
  var promptTokens = 0
  var completionTokens = 0
  /// Calls made now whose usage the server did not state, so their cost is unknown.
  var withoutUsage = 0
  /// The model as the server named it, in order of first sight; more than one means that it changed.
  var servedModels: [String] = []
  /// Calls that have no answer, with the first of their messages.
  var unanswered = 0
  var firstTrouble: String?

  mutating func count(_ result: CallResult) {
    switch result.origin {
    case .reused: reused += 1
    case .made:
      made += 1
      if let served = result.answer.servedModel, !servedModels.contains(served) {
        servedModels.append(served)
      }
      guard let prompt = result.answer.usage.promptTokens,
        let completion = result.answer.usage.completionTokens
      else {
        withoutUsage += 1
        return
      }
      promptTokens += prompt
      completionTokens += completion
    }
  }

  mutating func count(_ trouble: CallTrouble) {
    unanswered += 1
    firstTrouble = firstTrouble ?? trouble.message
  }
}

extension AskingTally {
  /// Adds up what several questionnaires came to.
  mutating func add(_ other: AskingTally) {
    calls += other.calls
    made += other.made
    reused += other.reused
    promptTokens += other.promptTokens
    completionTokens += other.completionTokens
    withoutUsage += other.withoutUsage
    servedModels += other.servedModels.filter { !servedModels.contains($0) }
    unanswered += other.unanswered
    firstTrouble = firstTrouble ?? other.firstTrouble
  }

  func progress(of total: Int) -> CallProgress {
    CallProgress(done: made + reused, total: total, reused: reused, failed: unanswered)
  }

  /// Why the instance cannot go on, if calls stayed without an answer.
  var failure: NodeFailure? {
    guard unanswered > 0 else { return nil }
    let kept = made + reused
    return NodeFailure(
      "\(unanswered) of \(calls) calls have no answer (\(firstTrouble ?? ""))",
      hint: kept == 0
        ? "'distill run' again asks once more"
        : "the \(kept) answers there are kept; 'distill run' again asks for the rest only"
    )
  }

  /// What a person should know of the calls.
  var notes: [String] {
    guard servedModels.count > 1 else { return [] }
    return ["the server named the model differently: \(servedModels.joined(separator: ", "))"]
  }

  /// Facts for the run record; money only where a price is known, since unknown is not zero.
  func facts(for model: ModelReference) -> JSONObject {
    var facts = JSONObject([
      ("calls", JSON(calls)), ("made", JSON(made)), ("reused", JSON(reused)),
      ("prompt_tokens", JSON(promptTokens)), ("completion_tokens", JSON(completionTokens)),
    ])
    if !servedModels.isEmpty {
      facts["served_models"] = .array(servedModels.map(JSON.string))
    }
    if withoutUsage > 0 { facts["calls_without_usage"] = JSON(withoutUsage) }
    if let cost = cost(for: model) { facts["cost_usd"] = .number(cost) }
    return facts
  }

  private func cost(for model: ModelReference) -> Double? {
    if case .checkpoint = model.target { return 0 }
    guard withoutUsage == 0, let price = model.declaration.price, let input = price.input,
      let output = price.output
    else { return made == 0 ? 0 : nil }
    return (Double(promptTokens) * input + Double(completionTokens) * output) / 1e6
  }
}
