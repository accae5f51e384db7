import Logging
import Primitives
import Store

extension BatchService {
  /// Creates or finds a batch at its service, follows it to its end, and records its answers.
  func pursue(_ batch: Batch, _ errand: BatchErrand) async throws -> BatchOutcome {
    var errand = errand
    // The batch of an earlier run is where that run put it, which may be elsewhere.
    if let elsewhere = try Self.endpoint(of: batch, errand.calls.endpoint) {
      errand.calls = FreeCalls(client: client, endpoint: elsewhere, time: time)
    }
    let record = RemoteJobRecord(ledger: ledger, job: batch.job, endpoint: errand.calls.endpoint)
    do {
      guard let id = try await creation(batch, record, errand.calls) else {
        await record.change { $0.message = "its run ended before anything was sent" }
        try await record.end(.failed, remaining: .release(.notSent))
        return BatchOutcome()
      }
      let end = try await follow(id, batch, record, errand)
      return try await collect(end, id, batch, record, errand.calls)
    } catch let error as BatchError {
      try await close(record, after: error)
      throw error
    } catch is CancellationError {
      try await record.leave()
      throw RemoteJobPending(kind: .batch, job: await record.remoteID, tag: batch.job.tag)
    }
  }

  /// What a batch's calls are known to have come to when it cannot be followed.
  private func close(_ record: RemoteJobRecord, after error: BatchError) async throws {
    await record.change { $0.message = "\(error)" }
    switch error {
    case .refused, .unwritable: try await record.end(.failed, remaining: .release(.notSent))
    case .failed: try await record.end(.failed, remaining: .release(.declined))
    case .gone:
      try await record.end(
        .failed,
        remaining: .leaveInDoubt(detail: ["message": .string("\(error)")])
      )
    case .unreachable: try await record.leave()
    }
  }

  /// The service's last word on a batch.
  private func follow(
    _ id: String,
    _ batch: Batch,
    _ record: RemoteJobRecord,
    _ errand: BatchErrand
  ) async throws -> JSON {
    let follower = JobFollower(
      calls: errand.calls,
      log: log,
      path: "/batches",
      tag: batch.job.tag,
      pace: JobFollower.Pace(of: .batch, at: errand.calls.endpoint)
    )
    do {
      return try await follower.follow(id) { json in
        try await record.note(json)
        errand.progress(Self.progress(json, id, batch))
        return isEnd(json) ? .ended(json) : .waiting
      }
    } catch JobFollower.Trouble.gone {
      throw BatchError.gone(batch: id)
    } catch JobFollower.Trouble.unreachable(let message) {
      throw BatchError.unreachable(batch: id, message: message)
    }
  }

  private func isEnd(_ json: JSON) -> Bool {
    switch json["status"]?.string?.lowercased() ?? "" {
    case "completed", "expired", "cancelled", "canceled", "failed": return true
    case "validating", "in_progress", "finalizing", "cancelling": return false
    case let status:
      // A status that came with a later version of the API is no end that we know of.
      log.warning("unknown status of a batch", metadata: ["status": "\(ForeignText.shown(status))"])
      return false
    }
  }

  private static func progress(_ json: JSON, _ id: String, _ batch: Batch) -> BatchProgress {
    let counts = json["request_counts"]
    return BatchProgress(
      tag: batch.job.tag,
      job: id,
      status: ForeignText.shown(json["status"]?.string ?? "", limit: 80),
      total: batch.sent.count,
      completed: counts?["completed"]?.int ?? 0,
      failed: counts?["failed"]?.int ?? 0
    )
  }

  private static func endpoint(
    of batch: Batch,
    _ endpoint: ModelEndpoint
  ) throws -> ModelEndpoint? {
    guard !batch.isNew, let service = RemoteJobDetail(json: batch.job.detail).service,
      service != RemoteJobService(endpoint)
    else { return nil }
    return try service.endpoint(key: endpoint.apiKey, pricing: endpoint.pricing)
  }
}
