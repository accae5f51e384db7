import Logging
import Primitives
import Transfer

/// Asks for a job's state until it ends.
struct JobFollower: Sendable {
  let calls: FreeCalls
  let time: Timekeeper
  let log: Logger
  /// What the job's metadata must say.
  let tag: String
  let onEvent: @Sendable (FineTuningEvent) -> Void

  /// - Throws: `FineTuningError`, or `CancellationError`.
  func follow(_ id: String) async throws -> FineTunedModel {
    var events = EventLog()
    var pause = firstPause
    var lastHeard = time.now()
    while true {
      try Task.checkCancellation()
      do {
        let json = try await calls.once(.get, "/fine_tuning/jobs/\(id)")
        lastHeard = time.now()
        guard isOurs(json) else { throw FineTuningError.gone(job: id) }
        await readEvents(of: id, into: &events)
        if let model = try end(json, id, events.metrics) { return model }
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

  /// How long the service may say nothing of use before the waiting ends.
  private var patience: Duration {
    calls.endpoint.address.isLocal ? .seconds(60) : .seconds(3600)
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

  /// Whether the job is the one that was created.
  ///
  /// A server that forgets its jobs when it ends may give an id again. One that keeps no metadata is
  /// believed.
  private func isOurs(_ json: JSON) -> Bool {
    guard let tag = json["metadata"]?[FineTuningService.tagName]?.string else { return true }
    return UTF8Order.equal(tag, self.tag)
  }

  /// Events seen so far.
  private struct EventLog {
    var seen: Set<String> = []
    var metrics: [JSON] = []
  }

  /// Reads all that is new; a service without events, or one that fails to tell them, is no trouble.
  private func readEvents(of id: String, into log: inout EventLog) async {
    var new: [FineTuningEvent] = []
    var after = ""
    // The newest come first: back to the first one known.
    paging: while true {
      let path = "/fine_tuning/jobs/\(id)/events?limit=100\(after)"
      guard let page = try? await calls.get(path) else { return }
      let events = (page["data"]?.array ?? []).compactMap { FineTuningEvent($0) }
      for event in events {
        if log.seen.contains(event.id) { break paging }
        new.append(event)
      }
      guard page["has_more"]?.bool == true, let last = events.last else { break }
      after = "&after=\(last.id)"
    }
    for event in new.reversed() where log.seen.insert(event.id).inserted {
      if let data = event.data { log.metrics.append(data) }
      onEvent(event)
    }
  }
}
