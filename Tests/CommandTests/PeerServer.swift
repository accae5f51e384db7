import Foundation
import Primitives
import TestSupport

/// `distill serve` as a server of its own: the outside witness of what was asked.
///
/// It logs each request to disk before it looks at it. It ends with its standard input, so that none
/// is left behind when a test process dies.
final class PeerServer {
  struct DidNotStart: Error { let message: String }

  /// The base URL of its API.
  let url: String
  private let process: Process
  private let input = Pipe()
  private let outputs: TemporaryFolder
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("", to: "requests.jsonl")
    (process, outputs) = try Distill.start(
      [
        "serve", "--port", "0", "--cache", "\(folder.path)/cache", "--ends-with-input",
        "--request-log", "\(folder.path)/requests.jsonl",
      ],
      in: folder.path,
      input: input
    )
    url = try Self.url(of: process, outputs)
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Digests of the bodies of all requests so far, in order of arrival.
  var requests: [String] {
    get throws {
      try folder.read("requests.jsonl").split(separator: "\n").map { line in
        try JSON(parsing: Array(line.utf8))["sha256"]?.string ?? ""
      }
    }
  }

  /// How many requests have arrived, at little cost.
  var requestCount: Int {
    let bytes = FileManager.default.contents(atPath: "\(folder.path)/requests.jsonl") ?? Data()
    return bytes.count { $0 == 0x0A }
  }

  /// A workflow that asks the teacher behind this server about each row of a file.
  func workflow(rows: String = "rows.jsonl", concurrency: Int) -> String {
    """
    models:
      teacher:
        base_url: \(url)
        model: tiny-teacher
        revision: "1"
        limits: {concurrency: \(concurrency)}
    nodes:
      rows: {kind: dataset, format: jsonl, path: \(rows)}
      answers: {kind: generate, model: teacher, template: math/cot, data: rows}

    """
  }

  /// Waits for the line that says where it listens.
  private static func url(of process: Process, _ outputs: TemporaryFolder) throws -> String {
    while true {
      let text = try outputs.read("out")
      if text.hasSuffix("\n"), let url = try JSON(parsing: Array(text.utf8))["url"]?.string {
        return url
      }
      guard process.isRunning else { throw DidNotStart(message: try outputs.read("err")) }
      usleep(2000)
    }
  }
}
