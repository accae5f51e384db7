import Primitives
import Synchronization

extension TollService {
  /// Charges for a chat request and answers it.
  func chat(
    _ request: Request,
    _ scripted: Fault?,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> Reply {
    let call = try ChatCall(try request.json(), deployment: request.route.deployment)
    entry.call = call.digest
    entry.model = call.model
    if let deployment = request.route.deployment {
      try checkDeployment(deployment)
    } else {
      try checkModel(call.model)
    }
    let fault: Fault?
    if let scripted { fault = scripted } else { fault = try marked(call) }
    entry.fault = fault
    if let fault, !fault.charges { return fault.applied(to: nil, of: request) }
    let answer = ChatAnswer(call)
    let limits = limiter?.take(tokens: answer.charge.promptTokens + (call.maxTokens ?? 16))
    if let limits, limits.wait > 0 { return limits.refusal(request.route.dialect) }
    var shape = fault
    switch claim(entry, fault) {
    case .used(let saved):
      entry.isReplayed = true
      // A saved answer stays as it was; how it is delivered is today's matter.
      if let saved, saved.name.changesAnswer { shape = saved }
    case .clash:
      throw ServiceError(
        status: 422,
        message: "Keys for idempotent requests can only be used for the same request they were "
          + "first used for.",
        type: "idempotency_error",
        code: "idempotency_key_reused"
      )
    case .new:
      entry.charge = answer.charge
    }
    var reply = deliver(answer, call, shape, request)
    limits?.describe(in: &reply, request.route.dialect)
    return reply
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

  private func claim(_ entry: LedgerEntry, _ fault: Fault?) -> KeyBook.Claim {
    guard options.honoursKeys, let key = entry.idempotencyKey, let body = entry.body else {
      return .new
    }
    return keys.claim(key, for: body, fault: fault)
  }
}
