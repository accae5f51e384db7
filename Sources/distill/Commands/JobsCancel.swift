import ArgumentParser
import ModelService
import Primitives
import Store

/// Ends one remote job.
struct JobsCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Ask a job's service to end it; a deployment is deleted.",
    discussion: """
      What a job has done by then is paid for. What a batch has answered is kept: the next run \
      fetches it.
      """
  )

  @Argument(help: "The job's tag or the start of it, or the id that its service gave it.")
  var job: String

  @Option(
    help: ArgumentHelp(
      "The variable with the API key, or for a deployment the token, where it is not recorded "
        + "whence the run had it.",
      valueName: "name"
    )
  )
  var apiKeyEnv: String?

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common, mode: .existing) { store in
      let jobs = JobAccess.jobs(store, common)
      let found = try await JobAccess.find(job, jobs, common)
      let key = apiKeyEnv.map { APIKeySource.environment($0) }
      let cancellation = try await jobs.cancel(found, key: key)
      guard !common.json else { return Terminal.output(json(found, cancellation)) }
      Terminal.output(text(found, cancellation))
    }
  }

  private func text(_ job: RemoteJob, _ cancellation: RemoteJobs.Cancellation) -> String {
    let name = "\(job.kind.rawValue) '\(RemoteJobText.name(job))'"
    switch cancellation {
    case .asked(let status):
      let done =
        job.kind == .deployment
        ? "its service deletes it, and bills it no longer"
        : "asked its service to end it; what it has done is paid for"
      return "\(name): \(done) (\(ForeignText.line(status, limit: 80)))"
    case .hadEnded(let status):
      return "\(name): had ended before (\(ForeignText.line(status, limit: 80)))"
    case .neverCreated: return "\(name): was never created, so nothing was paid"
    }
  }

  private func json(_ job: RemoteJob, _ cancellation: RemoteJobs.Cancellation) -> JSON {
    let (outcome, status): (String, String?) =
      switch cancellation {
      case .asked(let status): ("asked", status)
      case .hadEnded(let status): ("had-ended", status)
      case .neverCreated: ("never-created", nil)
      }
    return [
      "type": "cancel", "version": 1, "tag": .string(job.tag), "id": JSON(job.remoteID),
      "outcome": .string(outcome), "status": JSON(status),
    ]
  }
}
