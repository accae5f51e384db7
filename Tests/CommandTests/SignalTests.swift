import Foundation
import Primitives
import TestSupport
import Testing

/// Signals that ask a run to end.
@Suite("Signals", .serialized)
struct SignalTests {
  private static let rows = 40
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Arithmetic.rows(0..<Self.rows), to: "rows.jsonl")
  }

  @Test("Ctrl-C: what is in flight is kept, the next run makes only the rest")
  func interrupted() throws {
    try stops(by: SIGINT, with: 130, status: "interrupted")
  }

  @Test("SIGTERM: the same, with its own exit code")
  func terminated() throws {
    try stops(by: SIGTERM, with: 143, status: "interrupted")
  }

  @Test("Ctrl-C twice ends at once; what was in flight is in doubt, and is sent again once")
  func interruptedTwice() throws {
    let isMended = Flag()
    let model = try ScriptedModel(rows: 3) { request in
      isMended.isSet || request.number < 3 ? ScriptedModel.answering(request) : [.stall]
    }
    // One at a time: at the third request the answers of the first two are recorded.
    try model.write(concurrency: 1)
    let (process, outputs) = try Distill.start(["run", "w.yaml"], in: model.folder.path)
    while process.isRunning, model.server.received.count < 3 { usleep(500) }
    kill(process.processIdentifier, SIGINT)
    while process.isRunning, !(try outputs.read("err").contains("stopping: ")) { usleep(500) }
    // It waits for the answer that does not come.
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let status = try Distill.run("status", in: model.folder.path)
    #expect(status.output.contains("1 call in doubt"), "\(status.output)")

    isMended.set()
    let second = try model.run("--json")
    #expect(second.status == 0)
    #expect(second.calls("made") == 1)
    #expect(second.calls("reused") == 2)
    #expect(second.error.contains("sending a call in doubt again; it may be paid twice"))
    #expect(model.server.received.count == 4)
  }

  @Test("a terminal that goes away ends no run")
  func hangup() throws {
    let server = try PeerServer()
    try folder.write(server.workflow(concurrency: 1), to: "w.yaml")
    let (process, outputs) = try Distill.start(["run", "w.yaml"], in: folder.path)
    while process.isRunning, server.requestCount < 3 { usleep(500) }
    kill(process.processIdentifier, SIGHUP)
    process.waitUntilExit()
    let error = try outputs.read("err")
    #expect(process.terminationStatus == 0, "\(error)")
    #expect(server.requestCount == Self.rows)
  }

  @Test("a server that is told to end leaves no temporary store")
  func serverEnds() throws {
    for signal in [SIGINT, SIGTERM] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Distill.path)
      process.arguments = ["serve", "--port", "0"]
      process.environment = Distill.environment.merging(["TMPDIR": folder.path]) { $1 }
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      #expect(!output.fileHandleForReading.availableData.isEmpty)
      #expect(try temporaryStores().count == 1)
      kill(process.processIdentifier, signal)
      let hasEnded = endsSoon(process)
      #expect(hasEnded)
      guard hasEnded else { return process.terminate() }
      #expect(process.terminationReason == .exit)
      #expect(try temporaryStores().isEmpty)
    }
  }

  private func temporaryStores() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasPrefix("distill-serve-")
    }
  }

  /// Waits some seconds at most, so that a lost signal fails the test and does not hang it.
  private func endsSoon(_ process: Process) -> Bool {
    for _ in 0..<200 where process.isRunning { usleep(50_000) }
    return !process.isRunning
  }

  private func stops(by signal: Int32, with code: Int32, status: String) throws {
    let server = try PeerServer()
    try folder.write(server.workflow(concurrency: 1), to: "w.yaml")
    let (process, outputs) = try Distill.start(["run", "w.yaml"], in: folder.path)
    while process.isRunning, server.requestCount < 3 { usleep(500) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == code)
    let error = try outputs.read("err")
    #expect(error.contains("stopping: no new calls; waiting for those in flight"))
    #expect(error.contains("what was answered is kept; the same command goes on from here"))

    let sent = server.requestCount
    #expect(sent < Self.rows)
    let ledger = try LedgerView(cache: "\(folder.path)/cache")
    // Calls in flight were waited for, so that none is in doubt.
    #expect(ledger.recorded.count == sent)
    #expect(ledger.claimed.isEmpty)
    #expect(error.contains("\(sent) calls made"))
    let record = try Distill.run("show", "last", "--json", in: folder.path)
    #expect(record.summary["summary"]?["status"]?.string == status)

    let second = try Distill.run("run", "w.yaml", "--json", in: folder.path)
    #expect(second.status == 0, "\(second.error)")
    #expect(second.calls("made") == Self.rows - sent)
    #expect(server.requestCount == Self.rows)
  }
}
