package import Logging
import Primitives
package import Store
package import Transfer

/// Makes tuned models answer on Azure, by its management plane; each stands once.
///
/// A deployment is named before it is asked for, and asking for it twice makes one: so a killed
/// process leaves nothing that the next does not find. It bills by the hour until it is deleted,
/// whatever is asked of it; budgets do not cover that, so it is recorded and shown.
package final class DeploymentService: Sendable {
  private let ledger: Ledger
  private let runID: String?
  private let client: APIClient
  private let time: Timekeeper
  private let log: Logger
  private let turns = Turns()

  init(ledger: Ledger, runID: String?, client: APIClient, time: Timekeeper, log: Logger) {
    self.ledger = ledger
    self.runID = runID
    self.client = client
    self.time = time
    self.log = log
  }

  package convenience init(
    ledger: Ledger,
    runID: String?,
    transfer: TransferClient,
    time: Timekeeper = .system,
    log: Logger = .silent
  ) {
    self.init(
      ledger: ledger,
      runID: runID,
      client: APIClient(transfer: transfer, keys: KeyRing()),
      time: time,
      log: log
    )
  }

  /// Has a tuned model answer, and waits until it does.
  ///
  /// Throws `DeploymentError`, `RemoteJobPending` when the task is cancelled while Azure works on it,
  /// `StoreError`, `Problem` for a token that cannot be read, or `CancellationError`.
  package func deploy(_ model: String, by plan: DeploymentPlan) async throws -> DeployedModel {
    let path = plan.path(of: model)
    let endpoint = try plan.endpoint()
    let key = Digest(of: "deployment:\(endpoint.address.baseURL)\(path):\(model)")
    return try await turns.withTurn(for: key) {
      let job = try await open(key, model, plan, endpoint)
      let record = RemoteJobRecord(ledger: ledger, job: job, endpoint: endpoint)
      let site = DeploymentSite(
        calls: FreeCalls(client: client, endpoint: endpoint, time: time),
        path: path,
        name: plan.deploymentName(of: model),
        tag: job.tag
      )
      do {
        try await stand(model, plan, record, site)
      } catch is CancellationError {
        try await record.leave()
        throw RemoteJobPending(kind: .deployment, job: site.name, tag: job.tag)
      }
      return DeployedModel(name: site.name, tag: job.tag, hourly: plan.hourly)
    }
  }

  private func open(
    _ key: Digest,
    _ model: String,
    _ plan: DeploymentPlan,
    _ endpoint: ModelEndpoint
  ) async throws -> RemoteJob {
    var detail = RemoteJobDetail(service: RemoteJobService(endpoint))
    detail.more["hourly_usd"] = plan.hourly.map(JSON.number)
    detail.more["deployment"] = .string(plan.deploymentName(of: model))
    while true {
      let claim = try await ledger.openJob(
        key: key,
        kind: .deployment,
        model: model,
        runID: runID,
        reserve: .zero,
        detail: detail.json
      )
      switch claim {
      case .created(let job), .existing(let job): return job
      case .heldByOther: try await time.sleep(.seconds(1))
      case .overBudget: preconditionFailure("BUG: a deployment has no budget to be over")
      }
    }
  }

  /// Asks for the deployment unless it stands, and waits until it does.
  private func stand(
    _ model: String,
    _ plan: DeploymentPlan,
    _ record: RemoteJobRecord,
    _ site: DeploymentSite
  ) async throws {
    // One that stood before may have been deleted: Azure does so after 15 days without a call.
    var state = try await site.state()
    if state == nil {
      if plan.hourly == nil {
        log.warning(
          "deploying a tuned model, which bills by the hour at a price that is not known here",
          metadata: ["deployment": "\(site.name)"]
        )
      }
      try await record.note(remoteID: site.path, nil)
      state = try await site.ask(plan.body(for: model), record)
    }
    try await site.wait(from: state, record)
    await record.change { $0.status = "Succeeded" }
    try await record.write(.succeeded)
  }

  /// Deletes the deployment of a job, so that it bills no more; waits until it is gone.
  func delete(_ job: RemoteJob, _ calls: FreeCalls) async throws {
    let detail = RemoteJobDetail(json: job.detail)
    let name = detail.more["deployment"]?.string ?? job.tag
    let site = DeploymentSite(calls: calls, path: job.remoteID ?? "", name: name, tag: job.tag)
    try await site.delete()
    var ended = detail
    ended.status = "deleted"
    try await ledger.updateJob(job.id, remoteID: nil, state: .cancelled, detail: ended.json)
  }
}

/// One deployment at the management plane.
struct DeploymentSite: Sendable {
  let calls: FreeCalls
  /// Path and query below the management plane.
  let path: String
  let name: String
  let tag: String
  private let patience: Duration = .seconds(3600)

  /// `provisioningState`; nil if there is no such deployment.
  func state() async throws -> JSON? {
    do {
      return try await calls.get(path)
    } catch let failure as FreeCalls.Failure where failure.status == 404 {
      return nil
    } catch let failure as FreeCalls.Failure {
      throw DeploymentError.refused(name: name, message: failure.message)
    }
  }

  /// Asks for the deployment; to ask again for what is there changes nothing.
  func ask(_ body: [UInt8], _ record: RemoteJobRecord) async throws -> JSON {
    do {
      return try await calls.repeated { try await calls.once(.put, path, .bytes(body)) }
    } catch let failure as FreeCalls.Failure {
      if failure.isPassing, failure.delivery == .inDoubt {
        throw DeploymentError.unreachable(name: name, tag: tag, message: failure.message)
      }
      await record.change { $0.message = failure.message }
      try await record.write(.failed, cost: .zero)
      throw DeploymentError.refused(name: name, message: failure.message)
    }
  }

  func wait(from first: JSON?, _ record: RemoteJobRecord) async throws {
    var json = first
    var pause: Duration = calls.endpoint.address.isLocal ? .milliseconds(100) : .seconds(5)
    let start = calls.time.now()
    while true {
      let state = json?["properties"]?["provisioningState"]?.string ?? ""
      switch state.lowercased() {
      case "succeeded": return
      case "failed", "canceled", "cancelled":
        let error =
          json?["properties"]?["error"]?["message"]?.string ?? json?["error"]?["message"]?.string
        let message =
          error.map { ForeignText.shown($0) } ?? "Azure says '\(ForeignText.shown(state))'"
        await record.change { $0.message = message }
        try await record.write(.failed)
        throw DeploymentError.failed(name: name, message: message)
      default: break
      }
      guard calls.time.now() - start < patience else {
        throw DeploymentError.unreachable(
          name: name,
          tag: tag,
          message: "it is '\(ForeignText.shown(state))' for over an hour"
        )
      }
      try await calls.time.sleep(pause)
      pause = min(pause * 3 / 2, .seconds(30))
      do {
        json = try await calls.get(path)
      } catch let failure as FreeCalls.Failure {
        throw DeploymentError.unreachable(name: name, tag: tag, message: failure.message)
      }
    }
  }

  /// Deletes the deployment, and waits until Azure knows it no more.
  func delete() async throws {
    do {
      try await calls.repeated { _ = try await calls.answer(.delete, path) }
    } catch let failure as FreeCalls.Failure where failure.status != 404 {
      throw DeploymentError.unreachable(name: name, tag: tag, message: failure.message)
    } catch is FreeCalls.Failure {
      return
    }
    var pause: Duration = calls.endpoint.address.isLocal ? .milliseconds(100) : .seconds(5)
    let start = calls.time.now()
    while try await state() != nil {
      guard calls.time.now() - start < patience else {
        throw DeploymentError.unreachable(name: name, tag: tag, message: "it is not gone yet")
      }
      try await calls.time.sleep(pause)
      pause = min(pause * 3 / 2, .seconds(30))
    }
  }
}
