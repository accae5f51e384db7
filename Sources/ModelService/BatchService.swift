package import Diagnostics
import Logging
import Primitives
import Store

/// Answers calls by a service's batch API, at a share of the price and within a day.
///
/// Keys, answers and ledger are those of calls online. A batch's calls are claimed, and its intent
/// is durable, before anything is sent; the batch carries its tag. So a batch whose process ended is
/// found again, followed to its end and never created twice.
package final class BatchService: Sendable {
  let ledger: Ledger
  let runID: String?
  let account: String?
  let budgets: [Budget]
  let client: APIClient
  let policy: CallPolicy
  let time: Timekeeper
  let log: Logger

  /// How often calls that a batch left undone are put into another.
  static let rounds = 4
  /// One follower for each batch, whichever service of this process it belongs to: the ledger tells
  /// processes apart, not their tasks.
  static let turns = Turns()
  /// Batches that are made and followed at once.
  static let width = 4

  init(
    ledger: Ledger,
    runID: String?,
    account: String?,
    budgets: [Budget],
    client: APIClient,
    policy: CallPolicy,
    time: Timekeeper,
    log: Logger
  ) {
    self.ledger = ledger
    self.runID = runID
    self.account = account
    self.budgets = budgets
    self.client = client
    self.policy = policy
    self.time = time
    self.log = log
  }

  /// Why the endpoint's model cannot be asked in batches; nil if it can.
  package static func problem(at endpoint: ModelEndpoint) -> Problem? {
    if endpoint.isFree {
      return Problem(
        "\(endpoint.name) is served by the tool itself, which has no batch API",
        at: nil,
        hint: "leave 'mode: batch' out: calls to it cost nothing"
      )
    }
    if endpoint.dialect.provider != .openAI, endpoint.identity.json["tuned"] != nil {
      return Problem(
        "the batch API of Azure OpenAI takes no tuned models such as \(endpoint.name)",
        at: nil,
        hint: "leave 'mode: batch' out for this node"
      )
    }
    return nil
  }

  /// Has every call answered and recorded, as far as the service answers it.
  ///
  /// Calls that have an answer are not sent. Those that are in a batch of a run that ended are
  /// awaited there. Cancelling the task ends the waiting, never a batch.
  ///
  /// Throws `CallError.stopped` for what concerns every call (a budget, a quota), after what was
  /// granted before is answered; `BatchError`; `RemoteJobPending` when the task is cancelled while a
  /// batch runs; `StoreError`; `Problem` for an endpoint without batches or a key that cannot be
  /// read; or `CancellationError`.
  package func answer(
    _ calls: [ModelCall],
    from endpoint: ModelEndpoint,
    progress: @escaping @Sendable (BatchProgress) -> Void = { _ in }
  ) async throws -> BatchReport {
    if let problem = Self.problem(at: endpoint) { throw problem }
    var report = BatchReport()
    var desk = BatchDesk(calls)
    let errand = BatchErrand(
      calls: FreeCalls(client: client, endpoint: endpoint, time: time),
      progress: progress
    )
    for round in 1...Self.rounds {
      try await sort(&desk, into: &report, isFirst: round == 1)
      if desk.open.isEmpty { break }
      try await run(&desk, errand, &report)
    }
    try await sort(&desk, into: &report, isFirst: false)
    for call in desk.open where report.failures[call.key] == nil {
      report.failures[call.key] = .unanswered(
        CallTrouble(
          key: call.key,
          attempts: Self.rounds,
          message: desk.messages[call.key] ?? "its batches ended without an answer to it"
        )
      )
    }
    return report
  }

  /// Takes calls that have an answer off the desk.
  private func sort(
    _ desk: inout BatchDesk,
    into report: inout BatchReport,
    isFirst: Bool
  ) async throws {
    var recorded: Set<Digest> = []
    for chunk in desk.open.map(\.key).chunks(of: 500) {
      recorded.formUnion(try await ledger.recorded(Array(chunk)))
    }
    // What a batch of this service answered is counted where it is read.
    report.reused += isFirst ? recorded.count : recorded.subtracting(desk.made).count
    for key in recorded { report.failures[key] = nil }
    desk.open.removeAll { recorded.contains($0.key) }
  }
}

/// The calls of one `answer` that have no answer yet.
struct BatchDesk {
  /// Each key once, in the order in which they were asked for.
  var open: [ModelCall]
  /// Keys that batches of this service answered.
  var made: Set<Digest> = []
  /// What the service said last against a call.
  var messages: [Digest: String] = [:]
  /// Keys in doubt that were given up for lost by this service once already.
  var resent: Set<Digest> = []

  init(_ calls: [ModelCall]) {
    var seen: Set<Digest> = []
    open = calls.filter { seen.insert($0.key).inserted }
  }
}

/// Which service is asked, and who is told.
struct BatchErrand: Sendable {
  var calls: FreeCalls
  let progress: @Sendable (BatchProgress) -> Void
}

extension Array {
  /// Consecutive slices of at most so many elements.
  func chunks(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}

extension CallService {
  /// The same calls by the batch API, on the same account.
  package var batches: BatchService {
    BatchService(
      ledger: ledger,
      runID: runID,
      account: account,
      budgets: budgets,
      client: client,
      policy: policy,
      time: time,
      log: log
    )
  }
}
