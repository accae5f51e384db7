import Primitives
import Synchronization

/// Serves requests, and sees that each is in the ledger before its answer goes out.
final class TollService: Sendable {
  /// A request whose head has arrived: its numbers, and the fault that they bring.
  struct Arrival: Sendable {
    var entry: LedgerEntry
    let route: Route
    let fault: Fault?
  }

  private struct Numbers {
    var last: Int
    var ordinals: [Endpoint: Int]
  }

  let options: TollOptions
  let ledger: LedgerFile
  let keys: KeyBook
  let limiter: RateLimiter?
  /// Chat requests that met a fault which strikes once.
  let struck: Mutex<Set<Digest>>
  let cabinet: FileCabinet
  let trainingJobs: Shelf<TrainingJob>
  let batchShelf: Shelf<Batch>
  let deploymentShelf: Shelf<Deployment>
  /// Jobs whose training is in the ledger.
  let chargedJobs: Mutex<Set<String>>
  let chargedLines: Mutex<Set<LedgerHistory.BatchLine>>
  private let numbers: Mutex<Numbers>

  init(
    options: TollOptions,
    ledger: LedgerFile,
    history: LedgerHistory,
    state: StateFolder
  ) throws {
    self.options = options
    self.ledger = ledger
    keys = KeyBook(history)
    limiter = options.rate.map { RateLimiter($0) }
    struck = Mutex(history.calls)
    cabinet = try FileCabinet(state)
    trainingJobs = try Shelf(state.folder("jobs"))
    batchShelf = try Shelf(state.folder("batches"))
    deploymentShelf = try Shelf(state.folder("deployments"))
    chargedJobs = Mutex(history.chargedJobs)
    chargedLines = Mutex(history.chargedLines)
    numbers = Mutex(Numbers(last: history.lastNumber, ordinals: history.ordinals))
  }

  /// Numbers a request.
  func arrive(_ head: RequestHead, connection: Int) -> Arrival {
    let route = Route(method: head.method, path: head.path)
    let (number, ordinal) = numbers.withLock { numbers in
      numbers.last += 1
      numbers.ordinals[route.endpoint, default: 0] += 1
      return (numbers.last, numbers.ordinals[route.endpoint, default: 0])
    }
    var entry = LedgerEntry(
      number: number,
      connection: connection,
      endpoint: route.endpoint,
      ordinal: ordinal,
      method: head.method,
      path: head.path,
      arrivedAt: Clock.milliseconds
    )
    entry.idempotencyKey = head["idempotency-key"]
    entry.credential = credential(head, route.endpoint)
    entry.fault = options.faults.fault(route.endpoint, ordinal)
    return Arrival(entry: entry, route: route, fault: entry.fault)
  }

  private func credential(_ head: RequestHead, _ endpoint: Endpoint) -> LedgerEntry.Credential {
    let bearer = head["authorization"].map { text in
      text.lowercased().hasPrefix("bearer ") ? String(text.dropFirst(7)) : text
    }
    let isManagement = endpoint == .management
    guard let given = isManagement ? bearer : head["api-key"] ?? bearer else { return .none }
    guard let right = isManagement ? options.managementToken : options.apiKey else {
      return .unchecked
    }
    return given == right ? .right : .wrong
  }

  /// Records a request whose body never came, or was not read.
  func recordCut(_ arrival: Arrival) {
    ledger.commit(ledger.append(arrival.entry.json))
  }

  /// Answers a request; its charge is durable on return.
  func answer(_ arrival: Arrival, _ request: Request) -> Reply {
    var entry = arrival.entry
    entry.body = Digest(of: request.body)
    let reply = reply(to: request, arrival.fault, &entry)
    entry.status = reply.status == 0 ? nil : reply.status
    ledger.commit(ledger.append(entry.json))
    return reply
  }

  func recordEnd(_ arrival: Arrival, isComplete: Bool) {
    ledger.append(LedgerEntry.end(arrival.entry.number, isComplete: isComplete))
  }

  private func reply(
    to request: Request,
    _ fault: Fault?,
    _ entry: inout LedgerEntry
  ) -> Reply {
    if let fault, !fault.charges {
      if request.route.endpoint == .chat { note(request, &entry) }
      return fault.applied(to: nil, of: request)
    }
    do {
      try refuseStrangers(entry, request.route)
      try Self.checkVersion(request)
      if request.route.endpoint == .chat { return try chat(request, fault, &entry) }
      let reply = try operate(request, &entry)
      return fault?.applied(to: reply, of: request) ?? reply
    } catch {
      return error.reply(request.route.dialect)
    }
  }

  private func refuseStrangers(_ entry: LedgerEntry, _ route: Route) throws(ServiceError) {
    switch entry.credential {
    case .right: return
    case .unchecked: return
    // The management plane never serves strangers; the service does where it has no key.
    case .none where route.endpoint != .management && options.apiKey == nil: return
    case .none, .wrong: break
    }
    switch route.dialect {
    case .openAI:
      throw ServiceError(
        status: 401,
        message: "Incorrect API key provided.",
        code: "invalid_api_key"
      )
    case .azure:
      throw ServiceError(
        status: 401,
        message: "Access denied due to invalid subscription key or wrong API endpoint.",
        code: "401"
      )
    }
  }

  /// Azure knows no operation without a version; the management plane says so in words of its own.
  private static func checkVersion(_ request: Request) throws(ServiceError) {
    guard request.route.dialect == .azure, request.route.endpoint != .management,
      request.head.query("api-version") == nil
    else { return }
    throw ServiceError(status: 404, message: "Resource not found", code: "404")
  }

  /// What is no chat.
  private func operate(
    _ request: Request,
    _ entry: inout LedgerEntry
  ) throws(ServiceError) -> Reply {
    switch request.route.endpoint {
    case .models: try models(request)
    case .files, .downloads: try files(request, &entry)
    case .jobs, .jobPolls: try jobs(request, &entry)
    case .batches, .batchPolls: try batches(request, &entry)
    case .management: try deployments(request, &entry)
    case .chat, .other: throw Self.noOperation(request)
    }
  }
}
