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
  /// Calls that have no answer, with the first of their messages.
  var unanswered = 0
  var firstTrouble: String?

  mutating func count(_ result: CallResult) {
    switch result.origin {
    case .reused: reused += 1
    case .made:
      made += 1
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

extension Questionnaire {
  /// Makes every call that has no recorded answer yet; returns when all have one.
  ///
  /// - Throws: `NodeFailure` when any call stays without an answer. Those that have one keep it.
  func ask(_ services: Services) async throws -> AskingTally {
    let service = services.models.calls
    let rows = try await countRows()
    var tally = AskingTally()
    var endpoint: ModelEndpoint?
    let stream = try await RecordStream(path: dataPath)
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      let calls = try records.flatMap { try self.calls(for: $0) }
      let recorded = try await service.alreadyRecorded(calls.map(\.key))
      let missing = calls.filter { !recorded.contains($0.key) }
      tally.calls += calls.count
      tally.reused += calls.count - missing.count
      if !missing.isEmpty {
        // The first call that must be sent starts the server of an embedded model, none before it.
        let found: ModelEndpoint
        if let endpoint {
          found = endpoint
        } else {
          found = try await services.models.endpoint(for: model)
        }
        endpoint = found
        try await ask(missing, service, found, &tally) { tally in
          services.report(progress(tally, of: rows))
        }
      }
      services.report(progress(tally, of: rows))
    }
    try finish(tally)
    return tally
  }

  private func countRows() async throws -> Int {
    let path = dataPath
    return try await Blocking.run {
      var reader = try LineReader(path: path)
      var count = 0
      while try reader.next() != nil { count += 1 }
      return count
    }
  }

  private func progress(_ tally: AskingTally, of rows: Int) -> CallProgress {
    CallProgress(
      done: tally.made + tally.reused,
      total: rows * samples,
      reused: tally.reused,
      failed: tally.unanswered
    )
  }

  /// Sends with a sliding window: enough tasks to keep the endpoint busy, never a task a row.
  private func ask(
    _ calls: [ModelCall],
    _ service: CallService,
    _ endpoint: ModelEndpoint,
    _ tally: inout AskingTally,
    report: (AskingTally) -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Result<CallResult, CallError>.self) { group in
      var waiting = calls.makeIterator()
      var inFlight = 0
      let window = max(2, 2 * endpoint.limits.concurrency)
      while true {
        while inFlight < window, let call = waiting.next() {
          group.addTask {
            do {
              return .success(
                try await service.answer(call.request, draw: call.draw, from: endpoint)
              )
            } catch let error as CallError {
              return .failure(error)
            }
          }
          inFlight += 1
        }
        guard let result = try await group.next() else { return }
        inFlight -= 1
        switch result {
        case .success(let answered): tally.count(answered)
        case .failure(.inDoubt(let trouble)), .failure(.unanswered(let trouble)):
          tally.count(trouble)
        case .failure(.stopped(let stop)):
          throw NodeFailure(
            stop.message,
            reason: stop.isPause ? .paused : .failed,
            hint: stop.hint
          )
        }
        report(tally)
      }
    }
  }

  private func finish(_ tally: AskingTally) throws {
    guard tally.unanswered > 0 else { return }
    let kept = tally.made + tally.reused
    throw NodeFailure(
      "\(tally.unanswered) of \(tally.calls) calls have no answer (\(tally.firstTrouble ?? ""))",
      hint: "the \(kept) answers there are kept; 'distill run' again asks for the rest only"
    )
  }
}

extension AskingTally {
  /// Facts for the run record; money only where a price is known, since unknown is not zero.
  func facts(for model: ModelReference) -> JSONObject {
    var facts = JSONObject([
      ("calls", JSON(calls)), ("made", JSON(made)), ("reused", JSON(reused)),
      ("prompt_tokens", JSON(promptTokens)), ("completion_tokens", JSON(completionTokens)),
    ])
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
