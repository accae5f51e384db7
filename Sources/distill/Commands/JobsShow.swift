import ArgumentParser
import Primitives
import Store

/// Shows one remote job.
struct JobsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a job as the ledger knows it: where it runs, its state, files, result, cost."
  )

  @Argument(help: "The job's tag or the start of it, or the id that its service gave it.")
  var job: String

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let found = try await JobAccess.find(job, JobAccess.jobs(store, common), common)
      if common.json { return Terminal.output(RemoteJobText.json(found)) }
      for line in RemoteJobText.lines(found) { Terminal.output(line) }
    }
  }
}
