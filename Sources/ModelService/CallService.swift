// ModelService: answers from models behind the OpenAI-compatible API.
// It knows calls, their keys, retries, limits, money and jobs; it knows nothing about nodes,
// workflows, or whether a server is embedded or a provider's.

package import Logging
package import Primitives
package import Store
import Synchronization
package import Transfer

/// Answers calls: from the ledger if they were ever answered, else from the model, once.
///
/// An answer is durable before anybody gets it. What was sent and not answered is in doubt: it is
/// sent again only as far as the policy allows, and listed. What a call may cost at most is reserved
/// before it is sent, and no budget is ever exceeded.
package final class CallService: Sendable {
  package let fineTuning: FineTuningService
  let ledger: Ledger
  let runID: String?
  /// The runs whose answers are fresh: this one, and those that it goes on with.
  let round: [String]
  /// Who pays: the workflow.
  let account: String?
  let budgets: [Budget]
  let client: APIClient
  let policy: CallPolicy
  let time: Timekeeper
  let log: Logger
  let lanes: Lanes
  let spending = SpendingGate()
  private let turns = Turns()
  private let counters = Mutex(CallCounts())
  /// Calls in doubt that this service has sent again.
  private let resent = Mutex<Set<Digest>>([])

  /// Makes calls on behalf of a run, claimed and recorded in the ledger.
  ///
  /// - Parameters:
  ///   - ledger: Where calls are claimed, answers and money recorded.
  ///   - runID: The run that the calls are made for.
  ///   - round: The runs whose answers are fresh, itself among them; without it this run alone.
  ///   - account: Who pays for them.
  ///   - budgets: Limits on spending; each call must fit into all of them.
  ///   - rates: Where processes share how hard models are used; without it this one counts alone.
  ///   - transfer: What sends.
  ///   - policy: How far to go for an answer.
  ///   - time: The clock.
  ///   - log: Whom to tell what people should know.
  package init(
    ledger: Ledger,
    runID: String?,
    round: [String]? = nil,
    account: String? = nil,
    budgets: [Budget] = [],
    rates: RateBook? = nil,
    transfer: TransferClient = TransferClient(),
    policy: CallPolicy = CallPolicy(),
    time: Timekeeper = .system,
    log: Logger = .silent
  ) {
    self.ledger = ledger
    self.runID = runID
    self.round = round ?? runID.map { [$0] } ?? []
    self.account = account
    self.budgets = budgets
    self.policy = policy
    self.time = time
    self.log = log
    client = APIClient(transfer: transfer, keys: KeyRing())
    lanes = Lanes(rates: rates, time: time)
    fineTuning = FineTuningService(
      ledger: ledger,
      runID: runID,
      account: account,
      budgets: budgets,
      client: client,
      time: time,
      log: log
    )
  }

  /// The answer to a request, recorded before this returns.
  ///
  /// As the other function, for callers that have no use for the call's key.
  package func answer(
    _ request: LogicalRequest,
    draw: Draw = Draw(),
    from endpoint: ModelEndpoint,
    fresh: Bool = false
  ) async throws -> CallResult {
    let call = ModelCall(request, draw: draw, model: endpoint.identity)
    return try await answer(call, from: endpoint, fresh: fresh)
  }

  /// The answer to a call, recorded before this returns.
  ///
  /// Equal calls that run at once, here or in another process, are sent once. Cancelling the task
  /// ends its waiting; a call that is in flight is still finished and recorded.
  ///
  /// - Parameters:
  ///   - call: What to ask; its model is the endpoint's.
  ///   - endpoint: Whom to ask.
  ///   - fresh: Whether an answer counts only if a run of this service's round made it.
  ///   - isNew: Whether `alreadyRecorded` has just said that there is no answer; this only spares
  ///     looking twice.
  /// - Returns: The answer, whatever its state.
  /// - Throws: `CallError`, `StoreError`, `Problem` for a key that cannot be read, or
  ///   `CancellationError`.
  package func answer(
    _ call: ModelCall,
    from endpoint: ModelEndpoint,
    fresh: Bool = false,
    isNew: Bool = false
  ) async throws -> CallResult {
    if !fresh, !isNew, let recorded = try await ledger.answer(for: call.key) {
      return try reused(recorded)
    }
    let errand = try errand(call, endpoint, fresh: fresh)
    // Equal calls queue here and not in the ledger, where they would hold a place in flight.
    return try await turns.withTurn(for: call.key) { try await make(errand) }
  }

  // MARK: Looking

  /// Which of the calls have an answer; nothing is sent.
  package func alreadyRecorded(_ keys: [Digest]) async throws -> Set<Digest> {
    try await ledger.recorded(keys)
  }

  /// The recorded answers among the calls: pass a few hundred keys at a time.
  package func recordedAnswers(_ keys: [Digest]) async throws -> [Digest: Answer] {
    try await ledger.lookup(keys).mapValues { try Answer($0) }
  }

  /// Every call of the ledger that was sent and has no answer.
  package func inDoubt() async throws -> [InDoubtCall] {
    try await ledger.inDoubt()
  }

  /// What this service has done so far.
  package var counts: CallCounts { counters.withLock { $0 } }

  /// The model as its server named it, in order of first sight; several mean that it changed.
  package func servedModels(_ endpoint: ModelEndpoint) -> [String] {
    lanes.lane(for: endpoint).servedModels
  }

  /// The names of the models that the endpoint's server offers (`GET /models`).
  package func modelNames(at endpoint: ModelEndpoint) async throws -> [String] {
    let json = try await FreeCalls(client: client, endpoint: endpoint, time: time).get("/models")
    return (json["data"]?.array ?? []).compactMap { $0["id"]?.string }
  }

  // MARK: Counting

  func count(_ change: (inout CallCounts) -> Void) {
    counters.withLock { change(&$0) }
  }

  /// Whether this service has not yet sent the call again; from now on it has.
  func takeResend(_ key: Digest) -> Bool {
    resent.withLock { $0.insert(key).inserted }
  }

  func reused(_ recorded: RecordedAnswer) throws -> CallResult {
    count { $0.addReused(cost: recorded.cost) }
    return CallResult(
      key: recorded.key,
      answer: try Answer(recorded),
      origin: .reused,
      cost: recorded.cost
    )
  }
}
