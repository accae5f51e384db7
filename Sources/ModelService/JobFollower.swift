import Logging
import Primitives
import Transfer

/// Asks for a job's state until it ends.
struct JobFollower: Sendable {
  let calls: FreeCalls
  let time: Timekeeper
  let log: Logger
  let onEvent: @Sendable (FineTuningEvent) -> Void
  /// How long a service may say nothing of use before the waiting ends.
  var patience: Duration = .seconds(3600)

  /// - Throws: `FineTuningError`, or `CancellationError`.
  func follow(_ id: String) async throws -> FineTunedModel {
    var log = EventLog()
    var pause = firstPause
    var lastHeard = time.now()
    while true {
      try Task.checkCancellation()
      do {
        let json = try await calls.once(.get, "/fine_tuning/jobs/\(id)")
        lastHeard = time.now()
        await readEvents(of: id, into: &log)
        if let model = try end(json, id, log.metrics) { return model }
      } catch let failure as FreeCalls.Failure {
        try judge(failure, id, since: lastHeard)
      }
      try await time.sleep(pause)
      pause = min(pause * 3 / 2, longestPause)
    }
  }

  /// A job on this machine takes seconds, one at a provider minutes to hours.
  private var firstPause: Duration {
    calls.endpoint.address.isLocal ? .milliseconds(100) : .seconds(2)
  }

  private var longestPause: Duration {
    calls.endpoint.address.isLocal ? .milliseconds(500) : .seconds(30)
  }

  /// The model if the job has succeeded, nil while it goes on.
  private func end(_ json: JSON, _ id: String, _ metrics: [JSON]) throws -> FineTunedModel? {
    switch json["status"]?.string ?? "" {
    case "succeeded":
      guard let name = json["fine_tuned_model"]?.string, !name.isEmpty else {
        throw FineTuningError.withoutModel(job: id)
      }
      return FineTunedModel(
        name: name,
        jobID: id,
        trainedTokens: json["trained_tokens"]?.int,
        metrics: metrics
      )
    case "failed":
      let message = json["error"]?["message"]?.string ?? "the service gives no reason"
      throw FineTuningError.failed(job: id, message: ForeignText.shown(message))
    case "cancelled": throw FineTuningError.cancelled(job: id)
    case "validating_files", "queued", "running", "paused": return nil
    case let status:
      // A status that came with a later version of the API is no end that we know of.
      log.warning("unknown status of a fine-tuning job", metadata: ["status": "\(status)"])
      return nil
    }
  }

  private func judge(_ failure: FreeCalls.Failure, _ id: String, since: Duration) throws {
    if failure.status == 404 { throw FineTuningError.gone(job: id) }
    guard failure.isPassing, time.now() - since < patience else {
      throw FineTuningError.unreachable(job: id, message: failure.message)
    }
  }

  /// Events seen so far.
  private struct EventLog {
    var seen: Set<String> = []
    var metrics: [JSON] = []
  }

  /// Reads what is new; a service without events, or one that fails to tell them, is no trouble.
  private func readEvents(of id: String, into log: inout EventLog) async {
    let page = try? await calls.once(.get, "/fine_tuning/jobs/\(id)/events?limit=100")
    // The newest comes first.
    for json in (page?["data"]?.array ?? []).reversed() {
      guard let event = FineTuningEvent(json), log.seen.insert(event.id).inserted else { continue }
      if let data = event.data { log.metrics.append(data) }
      onEvent(event)
    }
  }
}
