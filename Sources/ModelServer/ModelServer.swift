// ModelServer: TinyLlama's models behind the OpenAI-compatible API, over HTTP (FlyingFox).
// It knows nothing about its clients, workflows or what the answers are for.

import FlyingFox
import FlyingSocks
import Foundation
import Primitives
import TinyLlama

/// The server that `distill serve` runs, and that `distill run` starts as its child.
package enum ModelServer {
  /// Serves until the task is cancelled or, with `endsWithInput`, standard input is closed.
  ///
  /// Once connections are accepted, `ready` gets one line of JSON: `{"type":"ready","url":…}` with
  /// the base URL for clients, or `{"type":"ready","socket":…}` with the socket's path.
  ///
  /// - Parameters:
  ///   - options: Where to listen and what to offer.
  ///   - ready: Called once with the line; prints it by default.
  /// - Throws: `ListenError`, or `SystemError` for a named folder that lacks a checkpoint's files
  ///   and a log that cannot be written.
  package static func run(
    _ options: ServerOptions,
    ready: @escaping @Sendable (String) -> Void = printLine
  ) async throws {
    try options.address.check(hasToken: options.token != nil)
    try checkModels(options.models)
    if case .socket(let path) = options.address { try SocketFile.prepare(path) }
    defer {
      if case .socket(let path) = options.address { try? SocketFile.remove(path) }
    }
    DescriptorLimit.raise()
    let service = try Service(
      models: options.models,
      objects: options.objects,
      stateFolder: options.stateFolder,
      threads: options.threads,
      logger: options.logger
    )
    let bridge = HTTPBridge(
      service: service,
      gate: Gate(token: options.token),
      log: try options.requestLog.map { try RequestLog(path: $0) },
      logger: options.logger
    )
    let server = try makeServer(options, bridge: bridge)
    await service.resume()
    do {
      try await serve(server, options, ready: ready)
    } catch {
      await service.stop()
      throw error
    }
    await service.stop()
  }

  /// Prints a line to standard output at once, also into a pipe.
  package static let printLine: @Sendable (String) -> Void = { line in
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
  }

  /// A folder that was mistyped should be noticed now, not with the first request.
  private static func checkModels(_ folders: [String: String]) throws(SystemError) {
    for folder in folders.values.sorted(by: UTF8Order.less) {
      if let file = Checkpoint.missingFiles(inFolder: folder).first {
        throw SystemError("read", path: "\(folder)/\(file)", code: ENOENT)
      }
    }
  }

  private static func makeServer(
    _ options: ServerOptions,
    bridge: HTTPBridge
  ) throws -> HTTPServer {
    // A day: training answers at once and decoding is bounded by the context, so that the library's
    // time limit would only ever cut off waiting requests.
    let timeout: TimeInterval = 86_400
    let logger = FlyingFoxLogger(logger: options.logger)
    func prompt(_ pool: some AsyncSocketPool) -> some AsyncSocketPool { PromptPool(base: pool) }
    func server(_ address: some SocketAddress) -> HTTPServer {
      HTTPServer(
        config: .init(
          address: address,
          timeout: timeout,
          sharedRequestBufferSize: 1 << 16,
          pool: prompt(HTTPServer.defaultPool()),
          logger: logger
        ),
        handler: bridge
      )
    }
    switch options.address {
    case .socket(let path):
      return server(sockaddr_un.unix(path: path))
    case .tcp(let host, let port):
      let numeric = host == "localhost" ? "127.0.0.1" : host
      if let address = try? sockaddr_in.inet(ip4: numeric, port: port) { return server(address) }
      if let address = try? sockaddr_in6.inet6(ip6: numeric, port: port) { return server(address) }
      throw ListenError.unknownHost(host)
    }
  }

  /// Runs until the first of: the server fails, the input ends, the task is cancelled.
  private static func serve(
    _ server: HTTPServer,
    _ options: ServerOptions,
    ready: @escaping @Sendable (String) -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        do {
          try await server.run()
        } catch let error as SocketError {
          throw ListenError.failed(place(options.address), reason: reason(of: error))
        }
        return true
      }
      group.addTask {
        try await server.waitUntilListening(timeout: 60)
        ready(try await readyLine(server, options.address))
        if options.endsWithInput { try await EndOfInput.wait() }
        return options.endsWithInput
      }
      do {
        while let isOver = try await group.next(), !isOver {}
      } catch {
        guard Task.isCancelled else { throw error }
      }
    }
  }

  private static func readyLine(
    _ server: HTTPServer,
    _ address: ListenAddress
  ) async throws -> String {
    switch (address, await server.listeningAddress) {
    case (.socket(let path), _):
      return (["type": "ready", "socket": .string(path)] as JSON).compactText
    case (_, .ip4(let host, let port)):
      return (["type": "ready", "url": "http://\(host):\(port)/v1"] as JSON).compactText
    case (_, .ip6(let host, let port)):
      return (["type": "ready", "url": "http://[\(host)]:\(port)/v1"] as JSON).compactText
    default:
      throw ListenError.failed(place(address), reason: "the socket was closed at once")
    }
  }

  /// The system's own words, where it was the system that refused.
  private static func reason(of error: SocketError) -> String {
    if case .failed(_, _, let message) = error { message } else { "\(error)" }
  }

  private static func place(_ address: ListenAddress) -> String {
    switch address {
    case .socket(let path): "'\(path)'"
    case .tcp(let host, let port): "\(host):\(port)"
    }
  }
}
