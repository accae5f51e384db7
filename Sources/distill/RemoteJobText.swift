import ModelService
import Primitives
import Store

/// A remote job in words, or as JSON; what services wrote is escaped.
enum RemoteJobText {
  static func line(_ job: RemoteJob) -> String {
    var parts = [
      job.tag, job.kind.rawValue, state(job), "\(Times.age(since: job.createdAt)) old",
      ModelName.short(job.model), cost(job),
    ]
    parts.append(name(job))
    return parts.joined(separator: "  ")
  }

  /// What its service calls it: an id, or a deployment's name.
  static func name(_ job: RemoteJob) -> String {
    let deployment = RemoteJobDetail(json: job.detail).more["deployment"]?.string
    return ForeignText.line(deployment ?? job.remoteID ?? job.tag, limit: 80)
  }

  static func lines(_ job: RemoteJob) -> [String] {
    let detail = RemoteJobDetail(json: job.detail)
    var lines = [
      "\(job.kind.rawValue) \(job.tag)", "state: \(state(job))",
      "id at the service: \(job.remoteID.map { ForeignText.line($0) } ?? "not known")",
      "model: \(ModelName.full(job.model))", "cost: \(cost(job))",
      "begun: \(Times.moment(job.createdAt)), last news \(Times.age(since: job.updatedAt)) ago",
    ]
    if let service = detail.service {
      lines.append("service: \(service.baseURL), dialect \(service.dialect)")
    }
    if let run = job.runID { lines.append("run: \(run)") }
    if let account = job.account { lines.append("workflow: \(ForeignText.line(account))") }
    for file in detail.files.members {
      lines.append("file (\(file.key)): \(ForeignText.line(file.value.string ?? ""))")
    }
    if let message = detail.message { lines.append("message: \(ForeignText.line(message))") }
    if let tuned = detail.tuned { lines.append("tuned model: \(ForeignText.line(tuned.name))") }
    if OpenJobs.goesOn(job) { lines.append("to end it: distill jobs cancel \(job.tag)") }
    return lines
  }

  /// The ledger's word, and the service's where it says more.
  private static func state(_ job: RemoteJob) -> String {
    let followed = job.isFollowed ? ", followed" : ""
    if job.kind == .deployment, job.state.isFinal {
      return job.state == .succeeded ? "stands" : job.state == .cancelled ? "deleted" : "failed"
    }
    guard let status = RemoteJobDetail(json: job.detail).status, status != job.state.rawValue else {
      return job.state.rawValue + followed
    }
    return "\(job.state.rawValue) (\(ForeignText.line(status, limit: 40)))\(followed)"
  }

  private static func cost(_ job: RemoteJob) -> String {
    if let hourly = Hourly(job) { return hourly.text }
    if let cost = job.cost { return "\(cost)" }
    // A batch has nothing of its own: its money is its calls'.
    if job.kind == .batch { return "its calls' cost" }
    return job.reserved.map { "at most \($0)" } ?? "cost unknown"
  }

  static func json(_ job: RemoteJob) -> JSON {
    [
      "tag": .string(job.tag), "id": JSON(job.remoteID), "kind": .string(job.kind.rawValue),
      "state": .string(job.state.rawValue), "model": .string(job.model), "run": JSON(job.runID),
      "workflow": JSON(job.account), "followed": .bool(job.isFollowed),
      "cost_usd": Amounts.json(job.cost), "reserved_usd": Amounts.json(job.reserved),
      "hourly_usd": Hourly(job)?.price.map(JSON.number) ?? .null,
      "created_at_ms": .integer(job.createdAt), "updated_at_ms": .integer(job.updatedAt),
      "detail": job.detail,
    ]
  }
}
