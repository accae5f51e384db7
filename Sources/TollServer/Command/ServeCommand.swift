import ArgumentParser
import Foundation
import Primitives

/// `toll-server`: serves until it is ended.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serves; the first line on standard output is the address."
  )

  @Option(help: "Port of 127.0.0.1; 0 takes a free one.") var port: UInt16 = 0
  @Option(help: "Path of a Unix domain socket, instead of a port.") var socket: String?
  @Option(help: "File of the charges, made if there is none.") var ledger: String
  @Option(help: "ignore charges for every request; honour saves answers by Idempotency-Key.")
  var keys = KeyRule.ignore
  @Option(help: "Script of faults: JSON, or a file of it.") var faults: String?
  @Option(help: "Environment variable with the one right API key.") var apiKeyEnv: String?
  @Option(help: "Milliseconds from charge to answer: 20, or 20-80.") var latency = "0"
  @Option(help: "Requests and tokens a minute: 600/100000.") var rate: String?
  @Option(name: .customLong("model"), help: "A model that is offered; without, every name is.")
  var models: [String] = []
  @Option(name: .customLong("deployment"), help: "A base deployment of Azure's; without, any name.")
  var deployments: [String] = []
  @Option(help: "Environment variable with the management plane's one right token.")
  var managementTokenEnv: String?
  @Option(help: "Folder of files, jobs, batches, deployments; the ledger's name and '.state'.")
  var state: String?
  @Option(help: "Milliseconds that each state of a job lasts; 0 changes it at each look.")
  var jobDelay = 0
  @Option(help: "Milliseconds that each state of a batch lasts; 0 changes it at each look.")
  var batchDelay = 0
  @Option(help: "States of jobs: JSON, or a file of it.") var jobScript: String?
  @Option(help: "States of batches: JSON, or a file of it.") var batchScript: String?

  enum KeyRule: String, ExpressibleByArgument { case ignore, honour }

  func run() throws {
    EndingSignals.letThrough()
    DescriptorLimit.raise()
    var history = LedgerHistory()
    let options = try options()
    let ledger = try LedgerFile(path: self.ledger) { history.take($0) }
    ledger.append(["event": "start", "at": .integer(Clock.milliseconds)])
    let listener =
      try socket.map { try Listener(socketFile: $0) } ?? Listener(port: port)
    let handler = ConnectionHandler(
      service: try TollService(
        options: options,
        ledger: ledger,
        history: history,
        state: StateFolder(state ?? "\(self.ledger).state")
      )
    )
    FileHandle.standardOutput.write(Data("\(listener.address)\n".utf8))
    try listener.serve { handler.serve($0) }
  }

  private func options() throws -> TollOptions {
    var options = TollOptions()
    options.honoursKeys = keys == .honour
    options.models = models
    options.latency = try Self.latency(latency)
    options.rate = try rate.map(Self.rate)
    if let faults { options.faults = try FaultScript(try ScriptText.json(faults)) }
    options.apiKey = try apiKeyEnv.map(Self.secret)
    options.managementToken = try managementTokenEnv.map(Self.secret)
    options.deployments = deployments
    options.jobDelay = jobDelay
    options.batchDelay = batchDelay
    if let jobScript {
      options.jobScripts = try StatusScripts(
        try ScriptText.json(jobScript),
        default: options.jobScripts.script(for: 0)
      )
    }
    if let batchScript {
      options.batchScripts = try StatusScripts(
        try ScriptText.json(batchScript),
        default: options.batchScripts.script(for: 0)
      )
    }
    return options
  }

  private static func secret(_ name: String) throws -> String {
    guard let value = ProcessEnvironment.value(of: name), !value.isEmpty else {
      throw ValidationError("environment variable '\(name)' is not set; expected a key in it")
    }
    return value
  }

  private static func latency(_ text: String) throws -> ClosedRange<Int> {
    let ends = text.split(separator: "-").compactMap { Int($0) }
    guard let first = ends.first, let last = ends.last, ends.count <= 2, 0...last ~= first else {
      throw ValidationError("'--latency' is '\(text)'; expected milliseconds: '20' or '20-80'")
    }
    return first...last
  }

  private static func rate(_ text: String) throws -> RateLimiter.Limits {
    let parts = text.split(separator: "/").compactMap { Int($0) }
    guard parts.count == 2, parts.allSatisfy({ $0 > 0 }) else {
      throw ValidationError(
        "'--rate' is '\(text)'; expected requests and tokens a minute: '600/100000'"
      )
    }
    return RateLimiter.Limits(requests: parts[0], tokens: parts[1])
  }
}
