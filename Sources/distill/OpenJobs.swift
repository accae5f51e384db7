import ModelService
import Primitives
import Store

/// Jobs at services that go on, and cost, when this process has ended.
enum OpenJobs {
  /// Those of a run or of its workflow, whichever run began them.
  static func of(runID: String, account: String, in ledger: Ledger) async throws -> [RemoteJob] {
    try await ledger.jobs(openOnly: true).filter { job in
      (job.runID == runID || job.account == account) && goesOn(job)
    }
  }

  /// A job of the tool's own server ends with it.
  private static func goesOn(_ job: RemoteJob) -> Bool {
    RemoteJobDetail(json: job.detail).service?.unixSocket == nil
  }

  /// One line that says what goes on where, and what ends it.
  static func text(_ job: RemoteJob, _ common: CommonOptions? = nil) -> String {
    let id = ForeignText.line(job.remoteID ?? job.tag, limit: 80)
    let place = RemoteJobDetail(json: job.detail).service.map { " at \($0.baseURL)" } ?? ""
    let cost = job.kind == .deployment ? "costs by the hour" : "costs"
    return "\(job.kind.rawValue) '\(id)' goes on\(place) and \(cost): "
      + "'distill jobs cancel \(job.tag)\(common?.cacheWords ?? "")' ends it"
  }
}
