import Logging
import Primitives
import Store
import Transfer

extension FineTuningService {
  /// Waits for a job's end and records the model's name before anything else is asked.
  func follow(
    _ id: String,
    _ record: RemoteJobRecord,
    _ errand: FineTuningErrand
  ) async throws -> FineTunedModel {
    let follower = JobFollower(
      calls: errand.calls,
      log: log,
      path: "/fine_tuning/jobs",
      tag: record.job.tag,
      pace: JobFollower.Pace(of: .fineTune, at: errand.calls.endpoint)
    )
    let events = FineTuningEvents(calls: errand.calls, job: id, onEvent: errand.onEvent)
    do {
      return try await follower.follow(id) { json in
        try await record.note(json)
        await events.read()
        return try await look(json, id, record, events, errand)
      }
    } catch JobFollower.Trouble.gone {
      throw FineTuningError.gone(job: id)
    } catch JobFollower.Trouble.unreachable(let message) {
      throw FineTuningError.unreachable(job: id, message: message)
    }
  }

  private func look(
    _ json: JSON,
    _ id: String,
    _ record: RemoteJobRecord,
    _ events: FineTuningEvents,
    _ errand: FineTuningErrand
  ) async throws -> JobFollower.Look<FineTunedModel> {
    switch json["status"]?.string?.lowercased() ?? "" {
    case "succeeded":
      guard let name = json["fine_tuned_model"]?.string, !name.isEmpty else {
        throw FineTuningError.withoutModel(job: id)
      }
      let model = FineTunedModel(
        name: name,
        jobID: id,
        trainedTokens: json["trained_tokens"]?.int,
        metrics: await events.metrics,
        cost: await record.cost
      )
      try await record.succeed(model, isComplete: false)
      // A task of its own: what is there to be had is not left because of a Ctrl-C.
      let task = Task { try await self.furnish(model, json, record, errand.calls) }
      return .ended(try await task.value)
    case "failed":
      let message = json["error"]?["message"]?.string.map { ForeignText.shown($0) }
      throw FineTuningError.failed(job: id, message: message ?? "the service gives no reason")
    case "cancelled", "canceled": throw FineTuningError.cancelled(job: id)
    case "validating_files", "queued", "running", "paused", "created", "pending": return .waiting
    case let status:
      // A status that came with a later version of the API is no end that we know of.
      log.warning(
        "unknown status of a fine-tuning job",
        metadata: ["status": "\(ForeignText.shown(status))"]
      )
      return .waiting
    }
  }

  /// The model of a job that succeeded before, with what a killed process did not fetch.
  func recorded(_ record: RemoteJobRecord, _ calls: FreeCalls) async throws -> FineTunedModel? {
    guard let model = await record.detail.tuned else { return nil }
    guard await !record.isComplete, !calls.endpoint.isFree else { return model }
    let path = "/fine_tuning/jobs/\(PercentEncoding.segment(model.jobID))"
    guard let json = try? await calls.once(.get, path) else { return model }
    return try await furnish(model, json, record, calls)
  }

  /// Adds what the service keeps beside the model; what cannot be had is no trouble, since the model
  /// is there and paid for.
  private func furnish(
    _ model: FineTunedModel,
    _ json: JSON,
    _ record: RemoteJobRecord,
    _ calls: FreeCalls
  ) async throws -> FineTunedModel {
    var model = model
    model.resultFiles = []
    for id in (json["result_files"]?.array ?? []).compactMap(\.string) {
      guard let bytes = try? await calls.content(ofFile: id) else {
        log.warning("a job's result file cannot be had", metadata: ["file": "\(id)"])
        continue
      }
      let file = try? await calls.get("/files/\(PercentEncoding.segment(id))")
      model.resultFiles.append(.init(id: id, name: file?["filename"]?.string ?? id, bytes: bytes))
    }
    if model.metrics.isEmpty {
      model.metrics = model.resultFiles.flatMap { FineTuningCurve.rows(of: $0.bytes) }
    }
    let path = "/fine_tuning/jobs/\(PercentEncoding.segment(model.jobID))/checkpoints"
    model.checkpoints = (try? await calls.once(.get, path)["data"]?.array) ?? []
    try await record.succeed(model, isComplete: true)
    return model
  }
}

/// The log of one job, each line told once.
actor FineTuningEvents {
  private let calls: FreeCalls
  private let job: String
  private let onEvent: @Sendable (FineTuningEvent) -> Void
  private var seen: Set<String> = []
  /// The figures told so far, in order.
  private(set) var metrics: [JSON] = []

  init(calls: FreeCalls, job: String, onEvent: @escaping @Sendable (FineTuningEvent) -> Void) {
    self.calls = calls
    self.job = job
    self.onEvent = onEvent
  }

  /// Reads all that is new; a service without events, or one that fails to tell them, is no trouble.
  func read() async {
    var new: [FineTuningEvent] = []
    var after = ""
    // The newest come first: back to the first one known.
    paging: while true {
      let path = "/fine_tuning/jobs/\(PercentEncoding.segment(job))/events?limit=100\(after)"
      // Nothing of it is told: the next look must not take the gap for known.
      guard let page = try? await calls.get(path) else { return }
      let events = (page["data"]?.array ?? []).compactMap { FineTuningEvent($0) }
      for event in events {
        if seen.contains(event.id) { break paging }
        new.append(event)
      }
      guard page["has_more"]?.bool == true, let last = events.last else { break }
      after = "&after=\(PercentEncoding.segment(last.id))"
    }
    for event in new.reversed() where seen.insert(event.id).inserted {
      if let data = event.data { metrics.append(data) }
      onEvent(event)
    }
  }
}
