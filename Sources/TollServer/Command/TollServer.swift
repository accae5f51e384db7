import ArgumentParser

/// The toll server: an OpenAI-compatible service that keeps account of what each client pays twice.
///
/// It knows nothing of Distill: any client can be pointed at it.
@main
struct TollServer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "toll-server",
    abstract: "An OpenAI-compatible test server that records what its clients would be charged.",
    subcommands: [ServeCommand.self, ReportCommand.self, FaultsCommand.self],
    defaultSubcommand: ServeCommand.self
  )
}
