import ModelService
import Primitives
import Store

/// Jobs at services that go on, and cost, when this process has ended.
enum OpenJobs {
  /// Those of a run or of its workflow, whichever run began them, and every deployment that stands:
  /// it costs by the hour, whoever asked for it.
  static func of(runID: String, account: String, in ledger: Ledger) async throws -> [RemoteJob] {
    try await ledger.jobs().filter { job in
      let isOwn = job.runID == runID || job.account == account || job.kind == .deployment
      return isOwn && goesOn(job)
    }
  }

  /// Whether there is something to end; a job of the tool's own server ends with that.
  static func goesOn(_ job: RemoteJob) -> Bool {
    let isStanding = job.kind == .deployment && job.state == .succeeded
    guard isStanding || !job.state.isFinal else { return false }
    return RemoteJobDetail(json: job.detail).service?.unixSocket == nil
  }

  /// One line that says what goes on where, and what ends it.
  static func text(_ job: RemoteJob, _ common: CommonOptions? = nil) -> String {
    let id = RemoteJobText.name(job)
    let place = RemoteJobDetail(json: job.detail).service.map { " at \($0.baseURL)" } ?? ""
    let cost = Hourly(job).map { "costs \($0.rate)" } ?? "costs"
    return "\(job.kind.rawValue) '\(id)' goes on\(place) and \(cost): "
      + "'distill jobs cancel \(job.tag)\(common?.cacheWords ?? "")' ends it"
  }
}
