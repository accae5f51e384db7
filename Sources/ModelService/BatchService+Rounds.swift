import Primitives
import Store

extension BatchService {
  /// Puts every open call into a batch, or finds the batch that it is in, and waits for them all.
  func run(
    _ desk: inout BatchDesk,
    _ errand: BatchErrand,
    _ report: inout BatchReport
  ) async throws {
    var round = BatchRound()
    var failure: (any Error)?
    do {
      for piece in BatchPieces.cut(desk.open, for: errand.calls.endpoint) {
        try Task.checkCancellation()
        try await claim(piece, errand.calls.endpoint, &round, &desk, &report)
        if round.stop != nil { break }
      }
    } catch {
      failure = error
    }
    // What was claimed goes on whatever happened: it is answered and recorded.
    let results = await pursue(round.batches, errand)
    for result in results {
      switch result {
      case .success(let batch):
        report.add(batch.report)
        desk.made.formUnion(batch.answered)
        desk.messages.merge(batch.messages) { _, new in new }
        if failure == nil, let stop = batch.stop { failure = CallError.stopped(stop) }
      case .failure(let error): failure = failure ?? error
      }
    }
    if let failure { throw failure }
    if let stop = round.stop { throw CallError.stopped(stop) }
    for key in round.elsewhere { try await ledger.waitForOther(key) }
  }

  /// Claims the calls of one file.
  private func claim(
    _ piece: ArraySlice<ModelCall>,
    _ endpoint: ModelEndpoint,
    _ round: inout BatchRound,
    _ desk: inout BatchDesk,
    _ report: inout BatchReport
  ) async throws {
    let claim = try await ledger.claimBatch(
      piece.map { request($0, endpoint) },
      key: Self.key(of: piece),
      model: endpoint.identity.text,
      runID: runID,
      account: account,
      detail: RemoteJobDetail(service: RemoteJobService(endpoint)).json
    )
    if let job = claim.job {
      round.batches.append(Batch(job: job, isNew: true, calls: Array(piece), sent: claim.granted))
    }
    for (key, other) in claim.others {
      switch other {
      case .granted, .recorded: break
      case .heldByOther: round.elsewhere.append(key)
      case .inBatch(let job): try await adopt(job, Array(piece), &round)
      case .inDoubt(let doubt): try await settle(doubt, endpoint, &desk, &report)
      case .overBudget(let shortfall): round.stop = round.stop ?? EndpointStop.budget(shortfall)
      }
    }
  }

  /// Takes over the batch of a run that ended.
  private func adopt(
    _ job: RemoteJob,
    _ piece: [ModelCall],
    _ round: inout BatchRound
  ) async throws {
    guard !round.batches.contains(where: { $0.job.id == job.id }) else { return }
    // Ended or taken over meanwhile: the next round sees to its calls.
    guard let adopted = try await ledger.adoptJob(job.id) else { return }
    let sent = try await ledger.openCalls(of: adopted)
    round.batches.append(Batch(job: adopted, isNew: false, calls: piece, sent: sent))
  }

  /// Follows batches, a few at once, to their ends.
  private func pursue(
    _ batches: [Batch],
    _ errand: BatchErrand
  ) async -> [Result<BatchOutcome, any Error>] {
    await withTaskGroup(of: Result<BatchOutcome, any Error>.self) { group in
      var results: [Result<BatchOutcome, any Error>] = []
      for (index, batch) in batches.enumerated() {
        if index >= Self.width, let result = await group.next() { results.append(result) }
        group.addTask {
          do {
            return .success(try await self.follow(batch, errand))
          } catch {
            return .failure(error)
          }
        }
      }
      for await result in group { results.append(result) }
      return results
    }
  }

  /// Follows a batch unless another task of this process does; then its end is awaited.
  private func follow(_ batch: Batch, _ errand: BatchErrand) async throws -> BatchOutcome {
    let turn = Digest(of: "\(ObjectIdentifier(ledger)) \(batch.job.tag)")
    return try await Self.turns.withTurn(for: turn) {
      let job = try await ledger.job(batch.job.id)
      return job.state.isFinal ? BatchOutcome() : try await pursue(batch, errand)
    }
  }

  private func request(_ call: ModelCall, _ endpoint: ModelEndpoint) -> CallRequest {
    CallRequest(
      key: call.key,
      model: call.model.text,
      request: call.requestText,
      runID: runID,
      reserve: endpoint.pricing?.inBatch.worstCase(of: call.request),
      account: account,
      budgets: budgets
    )
  }

  /// Names a batch in the ledger; batches are found by their calls, not by this.
  private static func key(of piece: ArraySlice<ModelCall>) -> Digest {
    Digest(of: piece.map { $0.key.hex }.joined(separator: "\n"))
  }
}

/// What one round has under way.
struct BatchRound {
  var batches: [Batch] = []
  /// Calls that another process makes.
  var elsewhere: [Digest] = []
  var stop: EndpointStop?
}

/// A job of the ledger with its calls.
struct Batch: Sendable {
  let job: RemoteJob
  let isNew: Bool
  /// Where the requests of its calls can be had, if they are of this run.
  let calls: [ModelCall]
  /// The calls that it was claimed for and that have no answer yet.
  let sent: [Attempt]
}
