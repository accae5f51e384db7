import ArgumentParser

/// The command line: parses words, wires the layers, prints, and chooses the exit code.
@main
struct Distill: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill",
    abstract: "Runs knowledge-distillation experiments written as YAML workflows.",
    discussion: """
      A large model labels data with an elaborate prompt; a small one is fine-tuned on the labels \
      with a simple prompt. A workflow says so in a dozen lines; `distill run` runs it over a \
      cache in which no answer is ever paid for twice.

      Exit codes: 0 ok, 1 failed, 2 usage or workflow error, 3 finished with bad rows above the \
      limit, 4 paused (budget, quota), 5 cache damaged, 130 and 143 interrupted.
      """,
    version: Tool.version,
    subcommands: [
      InitCommand.self, CheckCommand.self, PlanCommand.self, RunCommand.self, RerunCommand.self,
      VerifyCommand.self, StatusCommand.self, ExplainCommand.self, RunsCommand.self,
      ShowCommand.self, GetCommand.self, LineageCommand.self, DiffCommand.self,
      CallsCommand.self, JobsCommand.self, GraphCommand.self, ImportCommand.self,
      BundleCommand.self, ExportCommand.self, CacheCommand.self, ServeCommand.self,
      SchemaCommand.self,
    ]
  )

  /// Parses and runs; usage errors end with 2, as every error in what the user wrote does.
  static func main() async {
    Signals.ignorePipeAndHangup()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let status as ExitStatus {
      exit(withError: ExitCode(status.rawValue))
    } catch {
      let code = exitCode(for: error)
      guard code == .validationFailure else { exit(withError: error) }
      Terminal.error(fullMessage(for: error))
      exit(withError: ExitCode(ExitStatus.usage.rawValue))
    }
  }
}

/// What the tool says of itself.
enum Tool {
  static let version = "0.1.0"
}

/// Exit codes; they are listed in the help and in README.md.
enum ExitStatus: Int32, Error {
  case failed = 1
  /// Wrong usage, or something wrong in what the user wrote.
  case usage = 2
  /// Finished, but more rows are bad than the workflow allows.
  case badRows = 3
  /// Stopped by a budget or a quota; running again goes on.
  case paused = 4
  case damagedCache = 5
  case interrupted = 130
  case terminated = 143

  /// Whether a signal asked for it.
  var isStop: Bool { self == .interrupted || self == .terminated }
}
