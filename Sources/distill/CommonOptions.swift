import ArgumentParser
import Logging

/// Options of every command that opens a store or a workflow.
struct CommonOptions: ParsableArguments {
  @Option(help: "The store's folder; else DISTILL_CACHE, else the nearest one above the workflow.")
  var cache: String?

  @Flag(help: "Print data as JSON on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print only results and errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more about what happens.")
  var verbose = false

  /// ` --cache FOLDER` as it was given, for commands that messages name.
  var cacheWords: String { cache.map { " --cache \(CommandText.quoted($0))" } ?? "" }

  /// A logger to standard error, at the level the flags ask for.
  var logger: Logger {
    var logger = Logger(label: "distill") { _ in LineLogHandler() }
    logger.logLevel = verbose ? .debug : quiet ? .error : .warning
    return logger
  }
}

/// Options of commands that read a workflow.
struct WorkflowOptions: ParsableArguments {
  @Argument(help: "The workflow file.", completion: .file(extensions: ["yaml", "yml"]))
  var workflow: String

  @Option(
    name: .customLong("set"),
    parsing: .singleValue,
    help: ArgumentHelp("Sets a parameter of the workflow.", valueName: "name=value")
  )
  var parameters: [String] = []
}

/// Writes log lines to standard error, as the rest of what is for people.
private struct LineLogHandler: LogHandler {
  var logLevel = Logger.Level.warning
  var metadata = Logger.Metadata()

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    Terminal.error("\(event.level): \(event.message)")
  }
}
