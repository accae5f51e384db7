import Foundation
import Primitives

/// The tool's own model server as a child of this process, started with the first call to an
/// embedded model.
///
/// It listens on a Unix socket in a private folder and ends when its standard input closes, which
/// the kernel sees to however this process ends.
actor EmbeddedServer {
  /// Calls in flight to it: enough to fill its batches.
  static let concurrency = 32

  private let cache: String
  private let requestLog: String?
  private var starting: Task<String, any Error>?
  private var child: Process?
  private var folder: String?

  /// Makes a server that is not running yet.
  ///
  /// - Parameters:
  ///   - cache: The store with the checkpoints.
  ///   - requestLog: A file to which it writes each request it gets; for tests.
  init(cache: String, requestLog: String?) {
    self.cache = cache
    self.requestLog = requestLog
  }

  /// The socket's path; starts the server if it is not running.
  func socket() async throws -> String {
    if let starting { return try await starting.value }
    let task = Task { try await start() }
    starting = task
    return try await task.value
  }

  /// Ends the server, if it was started, and waits for its end.
  func stop() async {
    _ = try? await starting?.value
    guard let child else { return }
    try? (child.standardInput as? Pipe)?.fileHandleForWriting.close()
    try? await Blocking.run { child.waitUntilExit() }
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }

  private func start() async throws -> String {
    let folder = try Self.privateFolder()
    self.folder = folder
    let socket = "\(folder)/s"
    let child = Process()
    child.executableURL = URL(fileURLWithPath: ShareFolder.executablePath)
    child.arguments =
      ["serve", "--socket", socket, "--cache", cache, "--ends-with-input"]
      + (requestLog.map { ["--request-log", $0] } ?? [])
    let output = Pipe()
    child.standardInput = Pipe()
    child.standardOutput = output
    child.standardError = FileHandle.standardError
    try child.run()
    self.child = child
    let ready = try await Blocking.run { output.fileHandleForReading.availableData }
    guard let line = try? JSON(parsing: ready), line["type"]?.string == "ready" else {
      throw EmbeddedServerError()
    }
    return socket
  }

  /// A folder for nobody else; the path is short, since a socket's may have 103 bytes only.
  private static func privateFolder() throws -> String {
    var template = Array("/tmp/distill-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw SystemError("make", path: "/tmp/distill-…") }
    return String(cString: made)
  }
}

/// The child ended before it was ready; it has said why on standard error.
struct EmbeddedServerError: Error, CustomStringConvertible {
  var description: String { "the server of the embedded models did not start" }
}
