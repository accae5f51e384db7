import Foundation
import Primitives
import TestSupport
import Testing

/// Runs that are killed: what was recorded is kept, is never asked for again, and nothing is in the
/// way of the next run.
///
/// Moments are random; `DISTILL_TEST_SEED` repeats those of an earlier run, whose seed is printed.
@Suite("Killed runs", .serialized)
struct KillTests {
  private static let rows = 40
  private static let concurrency = 4

  private static let seed: UInt64 = {
    let named = ProcessInfo.processInfo.environment["DISTILL_TEST_SEED"].flatMap(UInt64.init)
    let seed = named ?? UInt64.random(in: 0..<1_000_000)
    print("killed runs: DISTILL_TEST_SEED=\(seed)")
    return seed
  }()

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Arithmetic.rows(0..<Self.rows), to: "rows.jsonl")
  }

  // MARK: Twenty kills of runs that pay a server

  @Test("twenty times at random moments: same objects, nothing recorded is sent again")
  func killedWhileGenerating() throws {
    let server = try PeerServer()
    let reference = try reference(server)
    var random = SeededGenerator(seed: Self.seed)
    var amidst = 0
    var trials = 0
    var starts = 0
    while trials < 20 {
      starts += 1
      // Most runs must still be going at their moment; else the moments are no good.
      try #require(starts < 80, "seed \(Self.seed): \(trials) of \(starts) runs could be killed")
      let moment = Moment(
        requests: 1 + random.below(Self.rows - 1),
        microseconds: random.below(2 * reference.microseconds / Self.rows)
      )
      let cache = "cache-\(starts)"
      let before = server.requestCount
      guard try start(cache: cache, until: moment, of: server, after: before) else { continue }
      trials += 1
      let place: Comment = "seed \(Self.seed), start \(starts), \(moment)"
      let recorded = try resume(cache, server, from: before, reference, place)
      if (1..<Self.rows).contains(recorded) { amidst += 1 }
    }
    #expect(amidst >= 10, "seed \(Self.seed): too few kills came while calls were made")
  }

  /// A run that nobody disturbed.
  private struct Reference {
    let digests: [String: String]
    /// The digest of the request that each call is sent as, by call key.
    let bodies: [String: String]
    /// From the first request to the end.
    let microseconds: Int
  }

  /// When to kill: so many requests have come, then so long after.
  private struct Moment: CustomStringConvertible {
    let requests: Int
    let microseconds: Int

    var description: String { "after \(requests) requests and \(microseconds) µs" }
  }

  private func workflow(_ server: PeerServer, concurrency: Int) throws {
    try folder.write(
      """
      models:
        teacher:
          base_url: \(server.url)
          model: tiny-teacher
          revision: "1"
          limits: {concurrency: \(concurrency)}
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      """,
      to: "w.yaml"
    )
  }

  /// One call at a time, so that the server's log and the ledger's attempts have one order.
  private func reference(_ server: PeerServer) throws -> Reference {
    try workflow(server, concurrency: 1)
    let ordered = try Distill.run("run", "w.yaml", "--cache", "ordered", "--json", in: folder.path)
    try #require(ordered.status == 0, "\(ordered.error)")
    let bodies = try server.requests
    let keys = try LedgerView(cache: "\(folder.path)/ordered").attempts
    try #require(bodies.count == Self.rows && keys.count == Self.rows)

    try workflow(server, concurrency: Self.concurrency)
    let start = ContinuousClock.now
    let run = try Distill.run("run", "w.yaml", "--cache", "undisturbed", "--json", in: folder.path)
    let duration = ContinuousClock.now - start
    #expect(run.calls("made") == Self.rows)
    let digests = try Outputs.digests(ofRunIn: folder.path, cache: "undisturbed")
    #expect(digests["answers/rows"] != nil)
    return Reference(
      digests: digests,
      bodies: Dictionary(uniqueKeysWithValues: zip(keys, bodies)),
      microseconds: Int(duration / .microseconds(1))
    )
  }

  /// Starts a run and kills it at a moment; false if it had come to its end before.
  private func start(
    cache: String,
    until moment: Moment,
    of server: PeerServer,
    after before: Int
  ) throws -> Bool {
    let (process, _) = try Distill.start(["run", "w.yaml", "--cache", cache], in: folder.path)
    while process.isRunning, server.requestCount - before < moment.requests { usleep(500) }
    usleep(UInt32(moment.microseconds))
    guard process.killed() else { return false }
    return try status(cache)["run"]?["status"]?.string != "succeeded"
  }

  private func status(_ cache: String) throws -> JSON {
    try Distill.run("status", "--json", "--cache", cache, in: folder.path).summary
  }

  /// Goes on after a kill and compares the server's account with the ledger's.
  ///
  /// - Returns: How many calls had been recorded before the kill.
  private func resume(
    _ cache: String,
    _ server: PeerServer,
    from before: Int,
    _ reference: Reference,
    _ place: Comment
  ) throws -> Int {
    let ledger = try LedgerView(cache: "\(folder.path)/\(cache)")
    let (recorded, claimed) = (ledger.recorded, ledger.claimed)
    #expect(claimed.count <= Self.concurrency, place)
    let status = try status(cache)
    #expect(status["in_doubt"]?.int == claimed.count, place)
    #expect(status["run"]?["status"]?.string == "killed", place)

    let second = try Distill.run("run", "w.yaml", "--cache", cache, "--json", in: folder.path)
    #expect(second.status == 0, "\(place): \(second.error)")
    #expect(second.calls("made") == Self.rows - recorded.count, place)
    // A kill may come between the result and the end of the run; then nothing is left to do.
    let ran = second.count("ran") == 0 ? [] : recorded
    #expect(second.calls("reused") == ran.count, place)
    #expect(second.calls("in_doubt") == 0, place)
    #expect(
      try Outputs.digests(ofRunIn: folder.path, cache: cache) == reference.digests,
      place
    )

    var charges: [String: Int] = [:]
    for body in try server.requests[before...] { charges[body, default: 0] += 1 }
    for (key, body) in reference.bodies {
      let allowed = claimed.contains(key) ? 1...2 : 1...1
      #expect(allowed.contains(charges[body] ?? 0), "\(place): call \(key)")
    }
    #expect(Set(charges.keys).isSubset(of: reference.bodies.values), place)
    let verified = try Distill.run("cache", "verify", "--cache", cache, in: folder.path)
    #expect(verified.status == 0, "\(place): \(verified.output)")
    return recorded.count
  }

  // MARK: Embedded models

  private func embedded() throws {
    try folder.write(
      """
      models:
        teacher: {embedded: tiny-teacher}
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        answers: {kind: generate, model: teacher, template: math/cot, data: rows}
      """,
      to: "w.yaml"
    )
  }

  @Test("one run of an embedded model, eight times in a row: it completes, no server is left")
  func killedAgainAndAgain() throws {
    // More rows than eight runs have in flight when they are killed.
    try folder.write(Arithmetic.rows(0..<400), to: "rows.jsonl")
    try embedded()
    var random = SeededGenerator(seed: Self.seed &+ 1)
    var recorded: Set<String> = []
    for kill in 1...8 {
      let (process, _) = try Distill.start(
        ["run", "w.yaml", "--request-log", "requests-\(kill)"],
        in: folder.path
      )
      let requests = 1 + random.below(16)
      while process.isRunning, lines(of: "requests-\(kill)") < requests { usleep(500) }
      usleep(UInt32(random.below(40_000)))
      #expect(process.killed(), "seed \(Self.seed), kill \(kill)")
      let now = try LedgerView(cache: "\(folder.path)/cache").recorded
      #expect(now.isSuperset(of: recorded), "seed \(Self.seed), kill \(kill)")
      recorded = now
    }
    let last = try Distill.run("run", "w.yaml", "--json", in: folder.path)
    #expect(last.status == 0, "seed \(Self.seed): \(last.error)")
    #expect(last.calls("made") == 400 - recorded.count)
    let undisturbed = try Distill.run(
      "run",
      "w.yaml",
      "--cache",
      "other",
      "--json",
      in: folder.path
    )
    #expect(undisturbed.calls("made") == 400)
    #expect(
      try Outputs.digests(ofRunIn: folder.path)
        == Outputs.digests(ofRunIn: folder.path, cache: "other")
    )
    #expect(try Servers.end(in: folder.path))
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/cache/scratch"))
  }

  private func lines(of name: String) -> Int {
    let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data()
    return bytes.count { $0 == 0x0A }
  }

  // MARK: Signals that ask

  @Test("Ctrl-C: what is in flight is kept, the next run makes only the rest")
  func interrupted() throws {
    try stops(by: SIGINT, with: 130, status: "interrupted")
  }

  @Test("SIGTERM: the same, with its own exit code")
  func terminated() throws {
    try stops(by: SIGTERM, with: 143, status: "interrupted")
  }

  private func stops(by signal: Int32, with code: Int32, status: String) throws {
    let server = try PeerServer()
    try workflow(server, concurrency: 1)
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

extension Process {
  /// Kills the process; whether it was that which ended it.
  fileprivate func killed() -> Bool {
    kill(processIdentifier, SIGKILL)
    waitUntilExit()
    return terminationReason == .uncaughtSignal && terminationStatus == SIGKILL
  }
}

/// Servers of embedded models, which are children of runs.
private enum Servers {
  /// Waits until no server works on a cache in the folder; false if one goes on.
  static func end(in folder: String) throws -> Bool {
    for _ in 0..<200 {
      let search = Process()
      search.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      search.arguments = ["pgrep", "-f", "serve --socket .* --cache \(folder)"]
      search.standardOutput = FileHandle.nullDevice
      try search.run()
      search.waitUntilExit()
      if search.terminationStatus == 1 { return true }
      usleep(50_000)
    }
    return false
  }
}
