import ArgumentParser
import Diagnostics
import ModelService
import Store
import Transfer

/// Lists, shows and ends jobs at services.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs",
    abstract: "List fine-tuning jobs, batches and deployments at services; show or end one.",
    discussion: """
      A run that ends never ends them: they go on, and cost. The next run follows them again; \
      'distill jobs cancel' ends them.
      """,
    subcommands: [JobsList.self, JobsShow.self, JobsCancel.self],
    defaultSubcommand: JobsList.self
  )
}

/// What the commands about one job have in common.
enum JobAccess {
  static func jobs(_ store: Store, _ common: CommonOptions) -> RemoteJobs {
    RemoteJobs(ledger: store.ledger, transfer: TransferClient(), log: common.logger)
  }

  /// The job that a user means; ends with 2 if there is none, or more than one.
  static func find(
    _ name: String,
    _ jobs: RemoteJobs,
    _ common: CommonOptions
  ) async throws -> RemoteJob {
    do {
      return try await jobs.job(name)
    } catch let problem as Problem {
      ProblemOutput.show([problem], common)
      throw ExitStatus.usage
    }
  }
}
