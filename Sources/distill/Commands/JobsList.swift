import ArgumentParser
import Primitives
import Store

/// Lists remote jobs.
struct JobsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List jobs, oldest first, with their state, age and cost."
  )

  @Flag(help: "Only jobs that have not ended, and deployments that stand.")
  var open = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try await StoreCommand.with(common) { store in
      let jobs = try await store.ledger.jobs().filter { !open || OpenJobs.goesOn($0) }
      guard !common.json else {
        return Terminal.output([
          "type": "jobs", "version": 1, "jobs": .array(jobs.map(RemoteJobText.json)),
        ])
      }
      for job in jobs { Terminal.output(RemoteJobText.line(job)) }
      if jobs.isEmpty, !common.quiet { Terminal.error("no jobs") }
    }
  }
}
