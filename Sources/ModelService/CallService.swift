// ModelService: answers from models behind the OpenAI-compatible API.
// It knows calls, their keys, retries, limits and jobs; it knows nothing about nodes, workflows,
// or whether a server is embedded or a provider's.

package import Logging
package import Primitives
package import Store
import Synchronization
package import Transfer

/// Answers calls: from the ledger if they were ever answered, else from the model, once.
///
/// An answer is durable before anybody gets it. What was sent and not answered is in doubt: it is
/// sent again only as far as the policy allows, and listed.
package final class CallService: Sendable {
  package let fineTuning: FineTuningService
  let ledger: Ledger
  let runID: String?
  let client: APIClient
  let policy: CallPolicy
  let time: Timekeeper
  let log: Logger
  let lanes: Lanes
  private let turns = Turns()
  private let counters = Mutex(CallCounts())
  /// How often this process sent a call again that was in doubt.
  private let resends = Mutex<[Digest: Int]>([:])

  /// Makes calls on behalf of a run, claimed and recorded in the ledger.
  package init(
    ledger: Ledger,
    runID: String?,
    transfer: TransferClient = TransferClient(),
    policy: CallPolicy = CallPolicy(),
    time: Timekeeper = .system,
    log: Logger = .silent
  ) {
    self.ledger = ledger
    self.runID = runID
    self.policy = policy
    self.time = time
    self.log = log
    client = APIClient(transfer: transfer, keys: KeyRing())
    lanes = Lanes(time: time)
    fineTuning = FineTuningService(
      ledger: ledger,
      runID: runID,
      client: client,
      time: time,
      log: log
    )
  }

  /// The answer to a request, recorded before this returns.
  ///
  /// Equal calls that run at once, here or in another process, are sent once. Cancelling the task
  /// ends its waiting; a call that is in flight is still finished and recorded. If `fresh`, an answer
  /// counts only if this service's run made it.
  ///
  /// Throws `CallError`, `StoreError`, `Problem` for a key that cannot be read, or
  /// `CancellationError`.
  package func answer(
    _ request: LogicalRequest,
    draw: Draw = Draw(),
    from endpoint: ModelEndpoint,
    fresh: Bool = false
  ) async throws -> CallResult {
    let call = ModelCall(request, draw: draw, model: endpoint.identity)
    if !fresh, let recorded = try await ledger.answer(for: call.key) { return try reused(recorded) }
    // Equal calls queue here and not in the ledger, where they would hold a place in flight.
    return try await turns.withTurn(for: call.key) {
      try await make(Errand(call: call, endpoint: endpoint, fresh: fresh))
    }
  }

  private func make(_ errand: Errand) async throws -> CallResult {
    let lane = lanes.lane(for: errand.endpoint)
    var progress = Progress()
    while true {
      let result = try await lane.slots.withSlot {
        try await pursue(errand, lane, &progress)
      }
      if let result { return result }
      // Another process makes the call; a place in flight is not held for that.
      try await ledger.waitForOther(errand.call.key)
    }
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

  /// Takes one of the sendings in doubt that the policy allows a call; false if there is none left.
  func takeResend(_ key: Digest) -> Bool {
    resends.withLock { resends in
      guard resends[key, default: 0] < policy.resends else { return false }
      resends[key, default: 0] += 1
      return true
    }
  }

  func count(_ change: (inout CallCounts) -> Void) {
    counters.withLock { change(&$0) }
  }

  /// The model as its server named it, in order of first sight; several mean that it changed.
  package func servedModels(_ endpoint: ModelEndpoint) -> [String] {
    lanes.lane(for: endpoint).servedModels
  }

  /// The names of the models that the endpoint's server offers (`GET /models`).
  package func modelNames(at endpoint: ModelEndpoint) async throws -> [String] {
    let json = try await FreeCalls(client: client, endpoint: endpoint, time: time).get("/models")
    return (json["data"]?.array ?? []).compactMap { $0["id"]?.string }
  }

  func reused(_ recorded: RecordedAnswer) throws -> CallResult {
    count { $0.reused += 1 }
    return CallResult(key: recorded.key, answer: try Answer(recorded), origin: .reused)
  }
}

/// A call on its way to an answer.
struct Errand: Sendable {
  let call: ModelCall
  let endpoint: ModelEndpoint
  let fresh: Bool

  func claimRequest(runID: String?) -> CallRequest {
    CallRequest(
      key: call.key,
      model: call.model.text,
      request: call.request.json.canonical,
      runID: runID
    )
  }
}

/// What came of asking for an answer.
package struct CallResult: Sendable {
  package enum Origin: String, Sendable {
    /// Sent now.
    case made
    /// Recorded before, or by somebody else meanwhile.
    case reused
  }

  package let key: Digest
  package let answer: Answer
  package let origin: Origin
}

/// What a service has done since it was made.
package struct CallCounts: Hashable, Sendable {
  /// Calls answered by sending.
  package var made = 0
  /// Calls answered from the ledger.
  package var reused = 0
  /// Sendings that ended in doubt.
  package var inDoubt = 0
  /// Sendings, whatever came of them.
  package var attempts = 0
}
