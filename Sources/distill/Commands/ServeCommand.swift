import ArgumentParser
import Foundation
import ModelServer
import Primitives
import Store

/// Serves embedded models over the OpenAI-compatible API.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the embedded models over an OpenAI-compatible HTTP API.",
    discussion: """
      Prints one JSON line when it is ready. Without --cache it keeps tuned models in a temporary \
      store that goes when it ends; with it, files and jobs survive a restart, and a job that was \
      running starts again.
      """
  )

  @Option(help: "A checkpoint folder to offer under its own name; may be given several times.")
  var model: [String] = []

  @Option(help: "Address to listen on; other than loopback only with a token.")
  var host = "127.0.0.1"

  @Option(help: "Port; 0 takes a free one.")
  var port: UInt16 = 0

  @Option(help: "A Unix socket to listen on instead, in a private folder.")
  var socket: String?

  @Option(help: "The variable with the bearer token that clients must send.")
  var tokenEnv: String?

  @Option(help: "Write a line for each request to a file.")
  var requestLog: String?

  @Option(help: "The store that holds tuned models.")
  var cache: String?

  @Flag(help: "End when standard input closes.")
  var endsWithInput = false

  @Flag(name: .shortAndLong, help: "Say more about what happens.")
  var verbose = false

  func run() async throws {
    try await CommandErrors.handled {
      if endsWithInput { Signals.ignoreInterrupt() }
      let token = try token()
      let models = try offered()
      let folder = cache.map(StoreLocation.absolute)
      let temporary = "\(FileManager.default.temporaryDirectory.path)/distill-serve-\(UUID())"
      defer { if folder == nil { try? FileManager.default.removeItem(atPath: temporary) } }
      let store = try await Store.open(at: folder ?? temporary, mode: .create)
      let common = try CommonOptions.parse(verbose ? ["--verbose"] : [])
      try await store.closing {
        try await serve(
          ServerOptions(
            address: socket.map { .socket(path: StoreLocation.absolute($0)) }
              ?? .tcp(host: host, port: port),
            objects: store.objects,
            models: models,
            // A child of `run` is one of several on this store, and its parent keeps the jobs.
            stateFolder: endsWithInput ? nil : folder.map { "\($0)/serve" },
            token: token,
            requestLog: requestLog,
            endsWithInput: endsWithInput,
            logger: common.logger
          )
        )
      }
      if endsWithInput, let socket {
        // A parent that was killed cannot remove the private folder it made for the socket.
        rmdir(URL(fileURLWithPath: StoreLocation.absolute(socket)).deletingLastPathComponent().path)
      }
    }
  }

  /// Serves until the end of input, or until a signal ends it in order.
  private func serve(_ options: ServerOptions) async throws {
    guard !endsWithInput else { return try await ModelServer.run(options) }
    let stop = AsyncStream<Void>.makeStream()
    let signals = Signals.onStop { _ in stop.continuation.finish() }
    defer { for signal in signals { signal.cancel() } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await ModelServer.run(options) }
      group.addTask { for await _ in stop.stream {} }
      // Whichever comes first ends the other.
      try await group.next()
      group.cancelAll()
    }
  }

  private func token() throws -> String? {
    guard let tokenEnv else { return nil }
    guard let value = ProcessEnvironment.value(of: tokenEnv), !value.isEmpty else {
      Terminal.error("error: --token-env names '\(tokenEnv)', which is not set")
      throw ExitStatus.usage
    }
    return value
  }

  /// The shipped models and the folders named.
  private func offered() throws -> [String: String] {
    var models: [String: String] = [:]
    let share = try ShareFolder.find()
    for name in try share.modelNames() { models[name] = "\(share.models)/\(name)" }
    var given: [String: String] = [:]
    for folder in model {
      let name = URL(fileURLWithPath: folder).lastPathComponent
      let path = StoreLocation.absolute(folder)
      if let other = given.updateValue(path, forKey: name), other != path {
        Terminal.error("error: --model names two folders '\(name)': '\(other)' and '\(path)'")
        Terminal.error("  hint: a model is offered under its folder's name; rename one of them")
        throw ExitStatus.usage
      }
      models[name] = path
    }
    return models
  }
}
