import Foundation
import Primitives
import TestSupport
import Testing

/// Several runs on one cache at once: a call that two of them want is made once.
@Suite("Shared cache", .serialized)
struct SharedCacheTests {
  private static let concurrency = 4
  private let folder: TemporaryFolder
  private let server: PeerServer

  /// Two workflows whose rows 20 to 40 are the same.
  init() throws {
    folder = try TemporaryFolder()
    server = try PeerServer()
    for (name, rows) in [("one", 0..<40), ("other", 20..<60)] {
      try folder.write(Arithmetic.rows(rows), to: "\(name).jsonl")
      let workflow = server.workflow(rows: "\(name).jsonl", concurrency: Self.concurrency)
      try folder.write(workflow, to: "\(name).yaml")
    }
  }

  private func start(_ name: String) throws -> (process: Process, outputs: TemporaryFolder) {
    try Distill.start(["run", "\(name).yaml", "--json"], in: folder.path)
  }

  @Test("two runs with rows in common send each request once")
  func singleFlight() throws {
    let runs = [try start("one"), try start("other")]
    for run in runs {
      run.process.waitUntilExit()
      let error = try run.outputs.read("err")
      #expect(run.process.terminationStatus == 0, "\(error)")
    }
    let requests = try server.requests
    #expect(requests.count == 60)
    #expect(Set(requests).count == 60)
  }

  @Test("one of them is killed: the other ends well, and at most what was in flight is sent twice")
  func oneIsKilled() throws {
    let victim = try start("one")
    let other = try start("other")
    while victim.process.isRunning, server.requestCount < 12 { usleep(500) }
    kill(victim.process.processIdentifier, SIGKILL)
    victim.process.waitUntilExit()
    other.process.waitUntilExit()
    let error = try other.outputs.read("err")
    #expect(other.process.terminationStatus == 0, "\(error)")
    let again = try Distill.run("run", "one.yaml", "--json", in: folder.path)
    #expect(again.status == 0, "\(again.error)")

    let requests = try server.requests
    #expect(Set(requests).count == 60)
    #expect(requests.count <= 60 + Self.concurrency)
    let verified = try Distill.run("cache", "verify", in: folder.path)
    #expect(verified.status == 0, "\(verified.output)")
  }
}
