import Logging
import Primitives
import Store
import Transfer

/// A claimed attempt and all that it takes to send it.
struct Sending: Sendable {
  let errand: Errand
  let attempt: Attempt
  let secret: Secret?
}

/// What became of a sending, once that is recorded.
struct SendOutcome: Sendable {
  let verdict: Verdict
  /// Of an answer; nil is unknown.
  let cost: Money?
  let report: SendReport
}

extension CallService {
  /// Sends a claimed attempt and records what became of it, whoever stops waiting meanwhile.
  ///
  /// - Throws: `StoreError` if it cannot be recorded.
  func exchange(_ sending: Sending) async throws -> SendOutcome {
    // A task of its own: cancelling the caller must not throw away an answer that is paid for.
    let task = Task { [self] in
      defer { if !sending.errand.isFree { spending.end() } }
      let (verdict, headers) = await send(sending)
      let outcome = SendOutcome(
        verdict: verdict,
        cost: cost(of: verdict, sending.errand),
        report: report(verdict, headers)
      )
      try await record(outcome, sending)
      return outcome
    }
    return try await task.value
  }

  private func send(_ sending: Sending) async -> (Verdict, RateHeaders?) {
    count { $0.attempts += 1 }
    let errand = sending.errand
    let endpoint = errand.endpoint
    let body = errand.call.wireBody(model: endpoint.model, dialect: endpoint.dialect)
    let outcome = await client.send(
      .post,
      "/chat/completions",
      to: endpoint,
      secret: sending.secret,
      body: .bytes(body),
      headers: [HTTPHeader("Idempotency-Key", sending.attempt.idempotencyKey)]
    )
    let reader = VerdictReader(endpoint: endpoint, secret: sending.secret, now: time.wallClock())
    var headers: RateHeaders?
    if case .response(let response) = outcome { headers = RateHeaders(response) }
    return (reader.verdict(outcome), headers)
  }

  /// What a sending cost; nil is unknown, or nothing was sold.
  private func cost(of verdict: Verdict, _ errand: Errand) -> Money? {
    guard case .final(let answer, let isCharged) = verdict else { return nil }
    if errand.isFree { return .zero }
    switch isCharged {
    case true?: return errand.endpoint.pricing?.cost(of: answer.usage)
    case false?: return .zero
    // As much as can be.
    case nil: return errand.reserve
    }
  }

  /// What the sending says about how hard the service may be used.
  private func report(_ verdict: Verdict, _ headers: RateHeaders?) -> SendReport {
    switch verdict {
    case .final(let answer, _):
      return SendReport(effect: .answered, tokens: answer.usage.total, headers: headers)
    case .declined(let refusal):
      // A longer wait pauses the run; another run may ask again and see.
      let wait = refusal.wait.flatMap { $0 <= policy.longestWait ? $0.wholeNanoseconds : nil }
      return SendReport(
        effect: refusal.isTooMany ? .tooMany : .refused,
        headers: headers,
        wait: wait
      )
    case .notSent, .stop: return SendReport(effect: .refused)
    case .inDoubt: return SendReport(effect: .inDoubt, headers: headers)
    }
  }

  private func record(_ outcome: SendOutcome, _ sending: Sending) async throws {
    let attempt = sending.attempt
    switch outcome.verdict {
    case .final(let answer, _): try await settle(answer, outcome.cost, sending)
    case .declined(let refusal):
      try await ledger.release(attempt, .declined, detail: ["message": .string(refusal.message)])
    case .stop(let stop):
      try await ledger.release(attempt, .declined, detail: ["message": .string(stop.message)])
    case .notSent(let message):
      try await ledger.release(attempt, .notSent, detail: ["message": .string(message)])
    case .inDoubt(let message, let fragment, _):
      count { $0.inDoubt += 1 }
      var detail = JSONObject([("message", .string(message))])
      detail["received"] = fragment.map(JSON.string)
      try await ledger.leaveInDoubt(attempt, detail: .object(detail))
    }
  }

  private func settle(_ answer: Answer, _ cost: Money?, _ sending: Sending) async throws {
    try await ledger.settle(
      sending.attempt,
      answer.outcome,
      body: answer.json.canonical,
      servedModel: answer.servedModel,
      tokens: TokenCounts(
        prompt: answer.usage.promptTokens,
        completion: answer.usage.completionTokens
      ),
      cost: cost
    )
    count { $0.addMade(cost: cost) }
  }
}
