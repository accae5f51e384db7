import Foundation
import Primitives
import TestSupport
import Testing

/// P1: recorded calls are never paid again and never lost.
@Suite("P1", .serialized)
struct P1Tests {
  private static let concurrency = 64

  /// A run that nobody disturbed.
  private struct Undisturbed {
    let lineage: String
    let microseconds: Int

    init(_ project: Project, _ settings: Project.Settings, _ options: [String] = []) throws {
      let server = try TollServer(options)
      try project.write(server.url, settings)
      let start = ContinuousClock.now
      let run = try project.run(cache: "undisturbed")
      microseconds = Int((ContinuousClock.now - start) / .microseconds(1))
      try #require(run.status == 0, "\(run.error)")
      lineage = try project.lineage(cache: "undisturbed")
      try #require(lineage.contains("id=\"training\""), "\(lineage)")
      try FileManager.default.removeItem(atPath: project.cache("undisturbed"))
    }
  }

  @Test("A: runs killed at uniformly random moments, then resumed")
  func killedAtRandom() throws {
    var proof = Proof("P1 A")
    let runs = Proof.count(full: 200, short: 6)
    let rows = Proof.size(full: 5000, short: 500)
    let project = try Project(rows: rows)
    let settings = Project.Settings(concurrency: Self.concurrency)
    // So that most moments are amid calls, and calls are in flight at each of them.
    let latency = ["--latency", Proof.isFull ? "5-20" : "60-120"]
    let undisturbed = try Undisturbed(project, settings, latency)
    let witness = try Witness()
    var starts = 0
    while proof.counted("kills") < runs {
      starts += 1
      try #require(starts < 4 * runs, "too few of the runs could be killed")
      let honours = starts.isMultiple(of: 2)
      let server = try TollServer(latency + ["--keys", honours ? "honour" : "ignore"])
      try project.write(server.url, settings)
      let cache = "cache-\(starts)"
      defer { try? FileManager.default.removeItem(atPath: project.cache(cache)) }
      var account = KillLedger(
        project,
        server,
        witness,
        cache: cache,
        concurrency: Self.concurrency
      )
      let moment = proof.random.below(undisturbed.microseconds)
      let run = try project.start(cache: cache)
      usleep(UInt32(moment))
      let place: Comment = "seed \(proof.seed), run \(starts), killed after \(moment) µs"
      guard run.killed() else { continue }
      proof.count("kills")
      try account.afterKill(place)
      if !account.recorded.isEmpty, account.recorded.count < rows { proof.count("amid calls") }
      let before = account.recorded.count

      let resumed = try project.run(cache: cache)
      #expect(resumed.status == 0, "\(place): \(resumed.error)")
      #expect(resumed.calls("made") == rows - before, place)
      #expect(resumed.calls("in_doubt") == 0, place)
      #expect(try project.lineage(cache: cache) == undisturbed.lineage, place)
      let again = try account.settle(rows: rows, honoursKeys: honours, place)
      proof.count("calls", rows)
      proof.count("in doubt", account.doubtful)
      proof.most("in doubt at a kill", account.doubtful)
      proof.count("charged twice", again)
      #expect(try project.ask("cache", "verify", cache: cache).status == 0, place)
    }
    #expect(proof.counted("amid calls") > 0, "no kill was amid calls")
    try proof.report()
  }

  @Test("B: one run killed again and again, also while it recovers")
  func killedInARow() throws {
    var proof = Proof("P1 B")
    let kills = Proof.count(full: 200, short: 12)
    let rows = Proof.size(full: 25_000, short: 2000)
    let project = try Project(rows: rows)
    let settings = Project.Settings(concurrency: Self.concurrency, top: "in_doubt: resend")
    let undisturbed = try Undisturbed(project, settings)
    let server = try TollServer("--latency", "50-100")
    try project.write(server.url, settings)
    let witness = try Witness()
    var account = KillLedger(
      project,
      server,
      witness,
      cache: "cache",
      concurrency: Self.concurrency
    )
    for kill in 1...kills {
      let moment = proof.random.below(200_000)
      // Every other one is killed while it starts and recovers, the others amid their calls.
      let isAmidCalls = kill.isMultiple(of: 2)
      let bytes = server.bytes
      let run = try project.start()
      while isAmidCalls, run.isRunning, server.bytes == bytes { usleep(1000) }
      usleep(UInt32(moment))
      let place: Comment = """
        seed \(proof.seed), kill \(kill), \(moment) µs after its \(isAmidCalls ? "first call" : "start")
        """
      try #require(run.killed(), "\(place): the run had come to its end")
      proof.count("kills")
      let before = account.recorded.count
      try account.afterKill(place)
      if account.recorded.count > before { proof.count("kills after progress") }
      proof.most("in doubt at a kill", try witness.view(cache: project.cache()).claimed.count)
    }
    let place: Comment = "seed \(proof.seed)"
    #expect(proof.counted("kills after progress") > 0, "no run got as far as an answer")
    let before = account.recorded.count
    let last = try project.run()
    #expect(last.status == 0, "\(place): \(last.error)")
    #expect(last.calls("made") == rows - before, place)
    #expect(try project.lineage() == undisturbed.lineage, place)
    let again = try account.settle(rows: rows, honoursKeys: false, place)
    proof.count("calls", rows)
    proof.count("in doubt", account.doubtful)
    proof.count("charged twice", again)
    #expect(try project.ask("cache", "verify").status == 0, place)
    try proof.report()
  }
}
