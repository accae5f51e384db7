import Diagnostics
package import Logging
import Primitives
package import Store
package import Transfer

/// The jobs that this store's runs left at services: how they stand there, and their end.
///
/// It needs nothing but the ledger, and the keys where the ledger says they are found.
package struct RemoteJobs: Sendable {
  /// What came of asking for a job's end.
  package enum Cancellation: Equatable, Sendable {
    /// The service took the wish; the job is as it says (`cancelling`, `cancelled`).
    case asked(status: String)
    /// It had ended before, as the service or the ledger says.
    case hadEnded(status: String)
    /// It was never created: nothing was paid.
    case neverCreated
  }

  private let ledger: Ledger
  private let client: APIClient
  private let time: Timekeeper
  private let log: Logger

  package init(
    ledger: Ledger,
    transfer: TransferClient,
    time: Timekeeper = .system,
    log: Logger = .silent
  ) {
    self.ledger = ledger
    client = APIClient(transfer: transfer, keys: KeyRing())
    self.time = time
    self.log = log
  }

  /// The job with a tag, a part of it from its start on, or a service's id.
  ///
  /// - Throws: `Problem` if there is none or more than one, or `StoreError`.
  package func job(_ name: String) async throws -> RemoteJob {
    let jobs = try await ledger.jobs()
    let found = jobs.filter { job in
      job.tag == name || job.remoteID == name || job.tag.hasPrefix(name)
        || job.tag.hasPrefix("distill-\(name)")
    }
    let exact = found.filter { $0.tag == name || $0.remoteID == name }
    guard let job = exact.last ?? found.last else {
      throw Problem("there is no job '\(name)'", at: nil, hint: "'distill jobs' lists them")
    }
    guard !exact.isEmpty || found.count == 1 else {
      let tags = found.map(\.tag).joined(separator: ", ")
      throw Problem("'\(name)' may be any of the jobs \(tags)", at: nil, hint: "write more of it")
    }
    return job
  }

  /// How a job stands at its service, in the service's words; nil if it knows no such job.
  ///
  /// `key` is needed only where the ledger does not know enough of it. Nothing is recorded.
  package func status(of job: RemoteJob, key: APIKeySource? = nil) async throws -> String? {
    let calls = try calls(for: job, key)
    guard let id = try await remoteID(of: job, calls) else { return nil }
    do {
      let json = try await calls.get(Self.path(of: job, id))
      return Self.status(in: json)
    } catch let failure as FreeCalls.Failure where failure.status == 404 {
      return nil
    }
  }

  /// Ends a job at its service.
  ///
  /// What a batch has done by then is paid for, and kept: the next run of its workflow fetches it. A
  /// deployment is deleted, and bills no more.
  ///
  /// Throws `Problem` for a job that cannot be reached, or that a living process is just creating;
  /// `StoreError`.
  package func cancel(_ job: RemoteJob, key: APIKeySource? = nil) async throws -> Cancellation {
    if job.kind != .deployment, job.state.isFinal {
      return .hadEnded(status: job.state.rawValue)
    }
    let calls = try calls(for: job, key)
    guard job.kind != .deployment else { return try await delete(job, calls) }
    guard let id = try await remoteID(of: job, calls) else { return try await forget(job) }
    do {
      let json = try await calls.post("\(Self.path(of: job, id))/cancel")
      let status = Self.status(in: json) ?? "cancelling"
      try await record(job, id, status)
      return .asked(status: status)
    } catch let failure as FreeCalls.Failure {
      return .hadEnded(status: try await ended(job, id, calls, failure))
    }
  }

  private func calls(for job: RemoteJob, _ key: APIKeySource?) throws(Problem) -> FreeCalls {
    guard let service = RemoteJobDetail(json: job.detail).service else {
      throw Problem(
        "job '\(job.tag)' was made by an earlier version, which kept no address",
        at: nil,
        hint: "see to it at its service; its id there is '\(job.remoteID ?? "unknown")'"
      )
    }
    return FreeCalls(client: client, endpoint: try service.endpoint(key: key), time: time)
  }

  /// The service's id, sought by the tag if it was lost.
  private func remoteID(of job: RemoteJob, _ calls: FreeCalls) async throws -> String? {
    if let id = job.remoteID { return id }
    guard job.kind != .deployment else { return nil }
    let files = RemoteJobDetail(json: job.detail).files
    return try await RemoteJobFinder(calls: calls, kind: job.kind)
      .findAfterDoubt(tag: job.tag, files: files)
  }

  private static func path(of job: RemoteJob, _ id: String) -> String {
    switch job.kind {
    case .fineTune: "/fine_tuning/jobs/\(PercentEncoding.segment(id))"
    case .batch: "/batches/\(PercentEncoding.segment(id))"
    // The id of a deployment is its path.
    case .deployment: id
    }
  }

  private static func status(in json: JSON) -> String? {
    let status = json["status"]?.string ?? json["properties"]?["provisioningState"]?.string
    return status.map { ForeignText.shown($0, limit: 80) }
  }

  /// A job that never was is ended here, and its calls are free again.
  private func forget(_ job: RemoteJob) async throws -> Cancellation {
    guard let adopted = try await ledger.adoptJob(job.id) else {
      throw Problem(
        "job '\(job.tag)' is just being created by a process that runs",
        at: nil,
        hint: "stop that run first, or ask again in a moment"
      )
    }
    try await ledger.endJob(
      adopted.id,
      state: .cancelled,
      detail: adopted.detail,
      cost: .zero,
      remaining: .release(.notSent)
    )
    return .neverCreated
  }

  /// Records that a fine-tuning job was cancelled, unless somebody follows it and sees for himself.
  ///
  /// A batch stays open: what it did until then is still to be fetched.
  private func record(_ job: RemoteJob, _ id: String, _ status: String) async throws {
    guard job.kind == .fineTune, status.lowercased().hasPrefix("cancel"), !job.isFollowed,
      let adopted = try await ledger.adoptJob(job.id)
    else { return }
    var detail = RemoteJobDetail(json: adopted.detail)
    detail.status = status
    detail.message = "cancelled by 'distill jobs cancel'"
    let hasRun = detail.more["ran"]?.bool == true
    try await ledger.updateJob(
      job.id,
      remoteID: id,
      state: .cancelled,
      detail: detail.json,
      cost: hasRun ? nil : .zero
    )
  }

  /// How a job stands that the service would not cancel.
  private func ended(
    _ job: RemoteJob,
    _ id: String,
    _ calls: FreeCalls,
    _ failure: FreeCalls.Failure
  ) async throws -> String {
    let json = try? await calls.get(Self.path(of: job, id))
    let ends: Set = ["succeeded", "failed", "cancelled", "completed", "expired"]
    guard let status = json.flatMap(Self.status(in:)), ends.contains(status.lowercased()) else {
      throw Problem("job '\(job.tag)' could not be cancelled: \(failure.message)", at: nil)
    }
    return status
  }

  private func delete(_ job: RemoteJob, _ calls: FreeCalls) async throws -> Cancellation {
    guard job.state == .succeeded || job.remoteID != nil else { return try await forget(job) }
    let service = DeploymentService(
      ledger: ledger,
      runID: nil,
      client: client,
      time: time,
      log: log
    )
    try await service.delete(job, calls)
    return .asked(status: "deleted")
  }
}
