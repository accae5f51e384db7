import Primitives
import Store

/// One job's row of the ledger, as far as it is known in this process.
actor RemoteJobRecord {
  let job: RemoteJob
  let pricing: Pricing?
  private let ledger: Ledger
  private(set) var remoteID: String?
  private(set) var detail: RemoteJobDetail
  /// As the service counted them last.
  private(set) var trainedTokens: Int?

  init(ledger: Ledger, job: RemoteJob, endpoint: ModelEndpoint) {
    self.ledger = ledger
    self.job = job
    pricing = endpoint.pricing
    remoteID = job.remoteID
    detail = RemoteJobDetail(json: job.detail)
    if detail.service == nil { detail.service = RemoteJobService(endpoint) }
  }

  /// Changes what is kept with the job; in memory, until the next record.
  func change(_ body: @Sendable (inout RemoteJobDetail) -> Void) { body(&detail) }

  /// Records an upload, so that the next process does not repeat it.
  func note(file id: String, for purpose: String) async throws {
    detail.files[purpose] = .string(id)
    try await write(.intended)
  }

  /// Records the service's id of the job, and what it says of it.
  func note(remoteID: String, _ json: JSON?) async throws {
    self.remoteID = remoteID
    if let json { _ = detail.note(json) }
    try await write(.created)
  }

  /// Records what the service says of the job, if that is news.
  func note(_ json: JSON) async throws {
    trainedTokens = json["trained_tokens"]?.int
    let changed = detail.note(json)
    if detail.status?.lowercased() == "running" { detail.more[Self.ranName] = true }
    if changed { try await write(.created) }
  }

  /// Whether the service ever said that the job was running.
  var hasRun: Bool { detail.more[Self.ranName]?.bool == true }

  private static let ranName = "ran"

  /// Records how the job stands; a cost that is nil stays as it was recorded.
  func write(_ state: JobState, cost: Money? = nil) async throws {
    try await ledger.updateJob(
      job.id,
      remoteID: remoteID,
      state: state,
      detail: detail.json,
      cost: cost
    )
  }

  /// Records the end of a batch, and what becomes of the calls that it leaves without an answer.
  func end(_ state: JobState, remaining: RemainingCalls) async throws {
    try await ledger.endJob(job.id, state: state, detail: detail.json, remaining: remaining)
  }

  /// Leaves the job, which goes on, to whoever asks for it next.
  func leave() async throws { try await ledger.leaveJob(job.id) }
}
