import Foundation
import Primitives
import TestSupport
import Testing

/// Runs that are killed: what was recorded is kept, is never asked for again, and nothing is in the
/// way of the next run.
@Suite("Killed runs", .serialized)
struct KillTests {
  private static let rows = 40
  private static let concurrency = 4

  private static let seed = Seed.value
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Arithmetic.rows(0..<Self.rows), to: "rows.jsonl")
  }

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

  /// One call at a time, so that the server's log and the ledger's attempts have one order.
  private func reference(_ server: PeerServer) throws -> Reference {
    try folder.write(server.workflow(concurrency: 1), to: "w.yaml")
    let ordered = try Distill.run("run", "w.yaml", "--cache", "ordered", "--json", in: folder.path)
    try #require(ordered.status == 0, "\(ordered.error)")
    let bodies = try server.requests
    let keys = try LedgerView(cache: "\(folder.path)/ordered").attempts
    try #require(bodies.count == Self.rows && keys.count == Self.rows)

    try folder.write(server.workflow(concurrency: Self.concurrency), to: "w.yaml")
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
}

extension Process {
  /// Kills the process; whether it was that which ended it.
  func killed() -> Bool {
    kill(processIdentifier, SIGKILL)
    waitUntilExit()
    return terminationReason == .uncaughtSignal && terminationStatus == SIGKILL
  }
}

/// Where the random moments of tests come from.
///
/// `DISTILL_TEST_SEED` repeats those of an earlier run, whose seed is printed.
enum Seed {
  static let value: UInt64 = {
    let named = ProcessInfo.processInfo.environment["DISTILL_TEST_SEED"].flatMap(UInt64.init)
    let seed = named ?? UInt64.random(in: 0..<1_000_000)
    print("random moments: DISTILL_TEST_SEED=\(seed)")
    return seed
  }()
}
