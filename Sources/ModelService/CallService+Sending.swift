import Logging
import Primitives
import Store
import Transfer

extension CallService {
  /// How far one call has come in this process.
  struct Progress {
    /// Sendings that were refused or never left.
    var fruitless = 0
    /// All sendings.
    var attempts = 0
    /// Whether the server said that another sending is of no use.
    var isHopeless = false
    /// What went wrong last.
    var lastMessage = ""
  }

  /// Sends the call until it has an answer or there is no use in going on; the caller holds a place
  /// in flight.
  ///
  /// The claim is given back during waits, so that a kill then leaves nothing in doubt.
  ///
  /// - Returns: The answer, or nil if another process makes the call.
  func pursue(
    _ errand: Errand,
    _ lane: Lane,
    _ progress: inout Progress
  ) async throws -> CallResult? {
    let secret = try await client.secret(for: errand.endpoint)
    while true {
      try await lane.pace()
      try Task.checkCancellation()
      try lane.slots.check()
      switch try await claim(errand) {
      case .recorded(let recorded): return try reused(recorded)
      case .heldByOther: return nil
      case .inDoubt(let doubt): throw inDoubt(doubt, progress)
      case .granted(let attempt):
        progress.attempts += 1
        switch try await exchange(attempt, errand, lane, secret) {
        case .final(let answer):
          count { $0.made += 1 }
          return CallResult(key: errand.call.key, answer: answer, origin: .made)
        case .stop(let stop): throw halt(lane, stop)
        case .declined(let message, let wait, let mayRetry):
          progress.isHopeless = !mayRetry
          try await rest(errand, lane, &progress, message: message, asked: wait, wasSent: true)
        case .notSent(let message):
          try await rest(errand, lane, &progress, message: message, asked: nil, wasSent: false)
        case .inDoubt(let message, _):
          progress.lastMessage = message
          try await time.sleep(policy.wait(after: 1, asked: nil, jitter: time.jitter()))
        }
      }
    }
  }

  /// Asks the ledger for the right to send, and once more if the policy lets a call that is in doubt
  /// be sent again.
  private func claim(_ errand: Errand) async throws -> Claim {
    let request = errand.claimRequest(runID: runID)
    let claim = try await ledger.claim(request, fresh: errand.fresh)
    guard case .inDoubt(let doubt) = claim, takeResend(doubt.key) else { return claim }
    // What answers at a socket is a server of our own: nobody is paid.
    log.log(
      level: errand.endpoint.address.unixSocket == nil ? .warning : .debug,
      "sending a call in doubt again; it may be paid twice",
      metadata: ["call": "\(doubt.key.short)", "model": "\(errand.endpoint.name)"]
    )
    return try await ledger.claim(request, fresh: errand.fresh, resendInDoubt: true)
  }

  private func inDoubt(_ doubt: InDoubtCall, _ progress: Progress) -> CallError {
    let before = "an earlier run ended before its answer was recorded"
    let message = progress.lastMessage.isEmpty ? before : progress.lastMessage
    return .inDoubt(
      CallTrouble(key: doubt.key, attempts: progress.attempts, message: message)
    )
  }

  /// Waits before the next attempt, or gives up.
  private func rest(
    _ errand: Errand,
    _ lane: Lane,
    _ progress: inout Progress,
    message: String,
    asked: Duration?,
    wasSent: Bool
  ) async throws {
    progress.fruitless += 1
    progress.lastMessage = message
    if let asked, asked > policy.longestWait, !progress.isHopeless {
      throw halt(lane, Self.longWait(errand.endpoint, message, asked))
    }
    guard progress.fruitless < policy.attempts, !progress.isHopeless else {
      // A server that nobody can reach is not tried anew by every row.
      if !wasSent {
        throw halt(
          lane,
          EndpointStop(
            .unreachable,
            "\(errand.endpoint.name) cannot be reached: \(message)",
            hint: "nothing was sent; see whether the server runs and 'base_url' is right, then run "
              + "again"
          )
        )
      }
      throw CallError.unanswered(
        CallTrouble(key: errand.call.key, attempts: progress.attempts, message: message)
      )
    }
    log.debug(
      "waiting to send again",
      metadata: ["model": "\(errand.endpoint.name)", "reason": "\(message)"]
    )
    let wait = policy.wait(after: progress.fruitless, asked: asked, jitter: time.jitter())
    try await time.sleep(wait)
  }

  private static func longWait(
    _ endpoint: ModelEndpoint,
    _ message: String,
    _ wait: Duration
  ) -> EndpointStop {
    let seconds = wait.components.seconds
    return EndpointStop(
      .rateLimit,
      "\(endpoint.name) \(message), and asks to wait \(seconds) seconds",
      hint: "run again after that; what was answered is kept"
    )
  }

  private func halt(_ lane: Lane, _ stop: EndpointStop) -> CallError {
    let error = CallError.stopped(stop)
    lane.slots.fail(error)
    return error
  }

  /// Sends a claimed attempt and records what became of it, whoever stops waiting meanwhile.
  private func exchange(
    _ attempt: Attempt,
    _ errand: Errand,
    _ lane: Lane,
    _ secret: Secret?
  ) async throws -> Verdict {
    // A task of its own: cancelling the caller must not throw away an answer that is paid for.
    let task = Task { [self] in
      let verdict = await send(errand, secret)
      try await record(verdict, attempt, errand, lane)
      return verdict
    }
    do {
      return try await task.value
    } catch {
      // Answers that cannot be recorded must not be bought.
      lane.slots.fail(error)
      throw error
    }
  }

  private func send(_ errand: Errand, _ secret: Secret?) async -> Verdict {
    count { $0.attempts += 1 }
    let endpoint = errand.endpoint
    let body = errand.call.request.wireBody(
      model: endpoint.model,
      draw: errand.call.draw,
      dialect: endpoint.dialect
    )
    let outcome = await client.send(
      .post,
      "/chat/completions",
      to: endpoint,
      secret: secret,
      body: .bytes(body)
    )
    return VerdictReader(endpoint: endpoint, secret: secret, now: time.wallClock())
      .verdict(outcome)
  }

  private func record(
    _ verdict: Verdict,
    _ attempt: Attempt,
    _ errand: Errand,
    _ lane: Lane
  ) async throws {
    switch verdict {
    case .final(let answer):
      try await ledger.settle(
        attempt,
        answer.outcome,
        body: answer.json.canonical,
        servedModel: answer.servedModel,
        tokens: TokenCounts(
          prompt: answer.usage.promptTokens,
          completion: answer.usage.completionTokens
        ),
        detail: answer.isUsable ? nil : ["state": .string(answer.state.rawValue)]
      )
      if let name = answer.servedModel { noteServed(name, errand.endpoint, lane) }
    case .declined(let message, _, _):
      try await ledger.release(attempt, .declined, detail: ["message": .string(message)])
    case .stop(let stop):
      try await ledger.release(attempt, .declined, detail: ["message": .string(stop.message)])
    case .notSent(let message):
      try await ledger.release(attempt, .notSent, detail: ["message": .string(message)])
    case .inDoubt(let message, let fragment):
      count { $0.inDoubt += 1 }
      var detail = JSONObject([("message", .string(message))])
      detail["received"] = fragment.map(JSON.string)
      try await ledger.leaveInDoubt(attempt, detail: .object(detail))
    }
  }

  private func noteServed(_ name: String, _ endpoint: ModelEndpoint, _ lane: Lane) {
    guard let before = lane.note(servedModel: name) else { return }
    log.warning(
      "the server answers with another model than before",
      metadata: [
        "model": "\(endpoint.name)", "before": "\(before)", "now": "\(ForeignText.shown(name))",
      ]
    )
  }
}
