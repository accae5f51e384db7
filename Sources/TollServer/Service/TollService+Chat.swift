import Primitives
import Synchronization

extension TollService {
  /// Charges for a chat request and answers it.
  func chat(
    _ request: Request,
    _ scripted: Fault?,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> Reply {
    let call = try readCall(request, &entry)
    if let scripted { entry.fault = scripted } else { entry.fault = try marked(call) }
    if let fault = entry.fault, !fault.charges { return fault.applied(to: nil, of: request) }
    let answer = ChatAnswer(call)
    let limits = limiter?.take(tokens: answer.charge.promptTokens + (call.maxTokens ?? 16))
    if let limits, limits.wait > 0 { return limits.refusal(request.route.dialect) }
    let fault = try charge(answer, &entry)
    var reply = deliver(answer, call, fault, request)
    limits?.describe(in: &reply, request.route.dialect)
    return reply
  }

  private func readCall(
    _ request: Request,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> ChatCall {
    let call = try ChatCall(try request.json(), deployment: request.route.deployment)
    entry.call = call.digest
    entry.model = call.model
    if let deployment = request.route.deployment {
      try checkDeployment(deployment)
    } else {
      try checkModel(call.model)
    }
    return call
  }

  /// Charges for an answer, unless its key has paid for it before.
  ///
  /// - Returns: The fault that the answer has: a saved one stays as odd as it was, while how it is
  ///   delivered is today's matter.
  private func charge(
    _ answer: ChatAnswer,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> Fault? {
    switch claim(entry) {
    case .new:
      entry.charge = answer.charge
      return entry.fault
    case .used(let saved):
      entry.isReplayed = true
      if let saved, saved.name.changesAnswer { return saved }
      return entry.fault
    case .clash:
      throw ServiceError(
        status: 422,
        message: "Keys for idempotent requests can only be used for the same request they were "
          + "first used for.",
        type: "idempotency_error",
        code: "idempotency_key_reused"
      )
    }
  }

  /// Records which call it is that a script refuses; one that cannot be read has no name.
  func note(_ request: Request, _ entry: inout LedgerEntry) {
    guard let body = try? request.json(),
      let call = try? ChatCall(body, deployment: request.route.deployment)
    else { return }
    entry.call = call.digest
    entry.model = call.model
  }

  private func deliver(
    _ answer: ChatAnswer,
    _ call: ChatCall,
    _ fault: Fault?,
    _ request: Request
  ) -> Reply {
    var answer = answer
    // Azure's answers name the model, not the deployment that was asked.
    if let deployment = request.route.deployment.flatMap(deploymentShelf.find) {
      answer.model = deployment.model["name"]?.string
    }
    if let fault { answer.apply(fault, to: call) }
    let reply =
      call.isStream
      ? ChatStream(answer, withUsage: call.streamsUsage, fault: fault).reply
      : fault?.reply(to: answer) ?? Reply(json: answer.json)
    return fault?.applied(to: reply, of: request) ?? reply
  }

  private func checkModel(_ model: String) throws(ServiceError) {
    let isOffered = options.models.isEmpty || options.models.contains(model)
    guard isOffered || trainingJobs.all.contains(where: { $0.tunedModel == model }) else {
      throw ServiceError(
        status: 404,
        message: "The model `\(model)` does not exist or you do not have access to it.",
        code: "model_not_found"
      )
    }
  }

  /// The fault that the prompt asks for, unless it strikes once and has.
  private func marked(_ call: ChatCall) throws(ServiceError) -> Fault? {
    let fault: Fault?
    do {
      fault = try Fault.marked(in: call.lastPrompt)
    } catch {
      throw .invalid("messages", "a marker in the prompt cannot be read: \(error)")
    }
    guard let fault, fault.isOnce else { return fault }
    return struck.withLock { $0.insert(call.digest).inserted } ? fault : nil
  }

  private func claim(_ entry: LedgerEntry) -> KeyBook.Claim {
    guard options.honoursKeys, let key = entry.idempotencyKey, let body = entry.body else {
      return .new
    }
    return keys.claim(key, for: body, fault: entry.fault)
  }
}
