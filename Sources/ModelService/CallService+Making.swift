import Logging
import Primitives
import Store

extension CallService {
  /// What to do about a call next.
  private enum Step {
    case done(CallResult)
    case again(after: Duration)
    case atOnce
    case waitForOther
    case waitForMoney(EndpointStop, settled: Int)
  }

  /// Sends a call until it has an answer or there is no use in going on.
  ///
  /// Place in flight and claim are given back during waits, so that a kill then leaves nothing in
  /// doubt.
  func make(_ errand: Errand) async throws -> CallResult {
    let lane = lanes.lane(for: errand.endpoint)
    let secret = try await client.secret(for: errand.endpoint)
    var pursuit = Pursuit(policy: policy)
    let ticket = lane.ticket()
    while true {
      let permit = try await lane.acquire(tokens: errand.tokenBound, ticket: ticket)
      switch try await step(errand, lane, permit, secret, &pursuit) {
      case .done(let result): return result
      case .atOnce: break
      case .again(let wait): try await time.sleep(wait)
      case .waitForOther: try await ledger.waitForOther(errand.key)
      case .waitForMoney(let stop, let settled):
        guard try await spending.waitForEnd(since: settled) else { throw stopSpending(stop) }
      }
    }
  }

  /// Claims the call and sends it once, if that is granted; gives the permit back.
  private func step(
    _ errand: Errand,
    _ lane: Lane,
    _ permit: Lane.Permit,
    _ secret: Secret?,
    _ pursuit: inout Pursuit
  ) async throws -> Step {
    let claim: Claim
    let settled = spending.settled
    do {
      try Task.checkCancellation()
      try lane.check()
      claim = try await self.claim(errand, pursuit)
    } catch {
      lane.release(permit, .unused)
      throw error
    }
    guard case .granted(let attempt) = claim else {
      lane.release(permit, .unused)
      return try await step(without: claim, errand, settled: settled, &pursuit)
    }
    var report = SendReport(effect: .inDoubt)
    // Given back only once it is decided whether the lane goes on at all.
    defer { lane.release(permit, report) }
    do {
      let sending = Sending(errand: errand, attempt: attempt, secret: secret)
      let outcome = try await exchange(sending)
      report = outcome.report
      return try step(behind: outcome, errand, lane, &pursuit)
    } catch let error as StoreError {
      // Answers that cannot be recorded must not be bought.
      lane.fail(error)
      throw error
    }
  }

  // MARK: Claiming

  /// Asks the ledger for the right to send, and once more if the policy lets a call that is in doubt
  /// be sent again.
  private func claim(_ errand: Errand, _ pursuit: Pursuit) async throws -> Claim {
    let request = CallRequest(
      key: errand.key,
      model: errand.call.model.text,
      request: errand.call.requestText,
      runID: runID,
      reserve: errand.reserve,
      account: account,
      budgets: errand.endpoint.isFree ? [] : budgets,
      round: round
    )
    // Before the claim: another call that finds all money reserved must know for whom to wait.
    if !errand.isFree { spending.begin() }
    var isGranted = false
    defer { if !errand.isFree, !isGranted { spending.cancel() } }
    var claim = try await ledger.claim(request, fresh: errand.fresh)
    if case .inDoubt(let doubt) = claim, mayResend(doubt, errand, pursuit) {
      warn(of: doubt, errand)
      claim = try await ledger.claim(request, fresh: errand.fresh, resending: doubt.attempt)
    }
    if case .granted = claim { isGranted = true }
    return claim
  }

  private func warn(of doubt: InDoubtCall, _ errand: Errand) {
    // What answers at a socket is a server of our own: nobody is paid.
    log.log(
      level: errand.endpoint.isFree ? .debug : .warning,
      "sending a call in doubt again; it may be paid twice",
      metadata: ["call": "\(doubt.key.short)", "model": "\(errand.endpoint.name)"]
    )
  }

  private func mayResend(_ doubt: InDoubtCall, _ errand: Errand, _ pursuit: Pursuit) -> Bool {
    guard pursuit.mayResend else { return false }
    if errand.endpoint.isFree { return pursuit.doubts < policy.attempts }
    switch policy.inDoubt {
    case .once: return doubt.resends == 0
    case .resend: return takeResend(doubt.key)
    case .ask, .skip: return false
    }
  }

  /// What to do where the ledger does not let the call be sent.
  private func step(
    without claim: Claim,
    _ errand: Errand,
    settled: Int,
    _ pursuit: inout Pursuit
  ) async throws -> Step {
    switch claim {
    case .granted: preconditionFailure("BUG: a call that may be sent was not")
    case .recorded(let recorded): return .done(try reused(recorded))
    case .heldByOther: return .waitForOther
    case .overBudget(let shortfall):
      return .waitForMoney(.budget(shortfall), settled: settled)
    case .inBatch(let job): return try step(behind: job, errand, &pursuit)
    case .inDoubt(let doubt):
      guard policy.inDoubt == .skip, !errand.endpoint.isFree else {
        throw pursuit.inDoubt(doubt)
      }
      return try await skip(doubt)
    }
  }

  /// Does without the answer of a call in doubt, as the policy has it.
  private func skip(_ doubt: InDoubtCall) async throws -> Step {
    let answer = Answer(.skipped)
    guard try await ledger.skip(doubt, body: answer.json.canonical) else { return .atOnce }
    count { $0.skipped += 1 }
    return .done(CallResult(key: doubt.key, answer: answer, origin: .reused, cost: nil))
  }

  /// A call that stands in a batch is answered by the batch, if somebody follows it.
  private func step(
    behind job: RemoteJob,
    _ errand: Errand,
    _ pursuit: inout Pursuit
  ) throws -> Step {
    guard job.isFollowed else {
      throw CallError.inBatch(
        CallTrouble(
          key: errand.key,
          attempts: pursuit.attempts,
          message: "batch \(job.remoteID.map { "'\($0)'" } ?? "\(job.id)") of the provider"
        )
      )
    }
    return .again(after: pursuit.nextLook())
  }

  // MARK: After a sending

  private func step(
    behind outcome: SendOutcome,
    _ errand: Errand,
    _ lane: Lane,
    _ pursuit: inout Pursuit
  ) throws -> Step {
    switch outcome.verdict {
    case .final(let answer, _):
      if let name = answer.servedModel { noteServed(name, errand, lane) }
      return .done(
        CallResult(key: errand.key, answer: answer, origin: .made, cost: outcome.cost)
      )
    case .stop(let stop): throw halt(lane, stop)
    case .declined, .notSent, .inDoubt:
      let next = pursuit.next(
        after: outcome.verdict,
        key: errand.key,
        endpoint: errand.endpoint,
        time: time,
        hasAnswersSince: lane.hasAnswers(since:)
      )
      switch next {
      case .again(let wait):
        log.debug(
          "waiting to send again",
          metadata: ["model": "\(errand.endpoint.name)", "reason": "\(pursuit.lastMessage)"]
        )
        return .again(after: wait)
      case .giveUp(let error): throw error
      case .stop(let stop): throw halt(lane, stop)
      }
    }
  }

  private func noteServed(_ name: String, _ errand: Errand, _ lane: Lane) {
    guard let before = lane.note(servedModel: name) else { return }
    log.warning(
      "the server answers with another model than before",
      metadata: [
        "model": "\(errand.endpoint.name)",
        "before": "\(ForeignText.shown(before))",
        "now": "\(ForeignText.shown(name))",
      ]
    )
  }

  private func halt(_ lane: Lane, _ stop: EndpointStop) -> CallError {
    let error = CallError.stopped(stop)
    lane.fail(error)
    return error
  }

  private func stopSpending(_ stop: EndpointStop) -> CallError {
    let error = CallError.stopped(stop)
    lanes.stopSpending(error)
    return error
  }
}
