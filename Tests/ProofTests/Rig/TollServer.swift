import Foundation
import Primitives
import TestSupport

/// A toll server: the outside witness of what was sent and charged.
final class TollServer {
  struct DidNotStart: Error { let message: String }

  /// One request as the server's ledger has it.
  struct Entry {
    let number: Int
    let endpoint: String
    let method: String
    /// Digest of the body; nil where it did not come whole.
    let body: String?
    let idempotencyKey: String?
    let isCharged: Bool
    /// Answered again from what the same idempotency key had bought.
    let isReplayed: Bool
    let credential: String
    /// The name of the fault that was played; nil without one.
    let fault: String?
    let status: Int?
    /// Milliseconds since 1970.
    let arrivedAt: Int64
    /// What was charged, in tokens; zero where nothing was.
    let promptTokens: Int
    let completionTokens: Int
    /// The file, job or batch that it made or changed.
    let object: String?

    init(_ json: JSON) {
      number = json["n"]?.int ?? 0
      endpoint = json["endpoint"]?.string ?? ""
      method = json["method"]?.string ?? ""
      body = json["body"]?.string
      idempotencyKey = json["key"]?.string
      isCharged = json["charged"]?.bool ?? false
      isReplayed = json["replayed"]?.bool ?? false
      credential = json["credential"]?.string ?? ""
      fault = json["fault"]?.string ?? json["fault"]?["fault"]?.string
      status = json["status"]?.int
      arrivedAt = json["at"]?.integer ?? 0
      promptTokens = json["prompt_tokens"]?.int ?? 0
      completionTokens = json["completion_tokens"]?.int ?? 0
      object = json["object"]?.string
    }
  }

  /// The base URL of its API.
  private(set) var url = ""
  private var process = Process()
  private let outputs: TemporaryFolder
  let folder: TemporaryFolder
  private let options: [String]
  private let environment: [String: String]

  var ledgerPath: String { "\(folder.path)/ledger.jsonl" }

  /// Starts a server of its own ledger, with further options.
  convenience init(
    _ options: String...,
    faults: JSON? = nil,
    environment: [String: String] = [:]
  ) throws {
    try self.init(options, faults: faults, environment: environment)
  }

  init(_ options: [String], faults: JSON? = nil, environment: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    outputs = try TemporaryFolder()
    self.options = options + (faults.map { ["--faults", $0.compactText] } ?? [])
    self.environment = environment
    try start(port: 0)
  }

  private func start(port: Int) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: Tool.program("toll-server"))
    process.arguments = ["--port", "\(port)", "--ledger", ledgerPath] + options
    process.environment = Tool.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try outputs.write("", to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(outputs.path)/out")
    process.standardError = FileHandle(forWritingAtPath: "\(outputs.path)/err")
    try process.run()
    while true {
      let lines = try outputs.read("out").split(separator: "\n", omittingEmptySubsequences: false)
      if lines.count > 1 {
        url = String(lines[0])
        return
      }
      guard process.isRunning else { throw DidNotStart(message: try outputs.read("err")) }
      usleep(2000)
    }
  }

  /// Kills the server amid whatever it does, and so many microseconds later starts it again on its
  /// port and ledger.
  func restart(after gap: Int) throws {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    usleep(UInt32(gap))
    try start(port: port)
  }

  deinit {
    // What it has answered is in its ledger; and the mask of signals that a test's thread hands on
    // may hold back any signal but this.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// The server's port.
  var port: Int { URL(string: url)?.port ?? 0 }

  /// What reached the server, in order of arrival, behind an earlier length of its ledger.
  ///
  /// A record is written before the answer goes out, so nothing that a client knows of is missing.
  func entries(from bytes: Int = 0) throws -> [Entry] {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: ledgerPath))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(bytes))
    let data = try file.readToEnd() ?? Data()
    return try data.split(separator: 0x0A).compactMap { line in
      let json = try JSON(parsing: Array(line))
      // The end of an answer is a record of its own, which no proof needs.
      return json["event"]?.string == "request" ? Entry(json) : nil
    }
  }

  /// How large the ledger is: grows with each request, and costs little to ask.
  var bytes: Int {
    var facts = stat()
    return stat(ledgerPath, &facts) == 0 ? Int(facts.st_size) : 0
  }
}

extension [TollServer.Entry] {
  /// How often each call was charged, by idempotency key.
  var charges: [String: Int] {
    reduce(into: [:]) { counts, entry in
      guard entry.isCharged, let key = entry.idempotencyKey else { return }
      counts[key, default: 0] += 1
    }
  }

  /// What all charges come to, at prices in US dollars per million tokens.
  func money(input: Double, output: Double) -> Money {
    filter(\.isCharged).reduce(.zero) { sum, entry in
      sum + Money(tokens: entry.promptTokens, perMillion: input)
        + Money(tokens: entry.completionTokens, perMillion: output)
    }
  }

  var chat: [TollServer.Entry] { filter { $0.endpoint == "chat" } }
}
