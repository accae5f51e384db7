import Foundation
import Primitives
import TestSupport
import Testing

/// P1 C: a run of 20 calls killed at every step that it takes in its store, and its recovery too.
///
/// A step is what `Tests/FaultShim` counts: every write, fsync, rename, open, unlink and so on.
@Suite("P1 C", .serialized, .enabled(if: FaultShim.isPossible, "LD_PRELOAD is Linux's"))
struct P1EnumerationTests {
  private static let rows = 20
  private static let concurrency = 4

  private let project: Project
  private let server: TollServer
  private let witness: Witness
  private let shim: FaultShim
  private let lineage: String

  init() throws {
    project = try Project(rows: Self.rows)
    server = try TollServer()
    witness = try Witness()
    shim = try FaultShim()
    // Calls are killed more than once.
    let settings = Project.Settings(concurrency: Self.concurrency, top: "in_doubt: resend")
    try project.write(server.url, settings)
    let run = try project.run(cache: "undisturbed")
    try #require(run.status == 0, "\(run.error)")
    lineage = try project.lineage(cache: "undisturbed")
  }

  @Test("killed at every step, and once more at a random step of the recovery")
  func everyStep() throws {
    var proof = Proof("P1 C")
    // In the short form steps are tried so far apart, from a random one on.
    let stride = Proof.stride(short: 32)
    for action in [FaultShim.Action.killBefore, .killTorn] {
      var step = 1 + proof.random.below(stride)
      while true {
        let place: Comment = "seed \(proof.seed), \(action.rawValue) at step \(step)"
        var trial = try trial("cache", place)
        guard try trial.kill(at: step, action) else { break }
        proof.count("steps killed at")
        proof.most("steps of a run", step)
        let within = 1 + proof.random.below(step + 20)
        if try trial.kill(at: within, .killBefore) { proof.count("recoveries killed") }
        try finish(trial, &proof)
        step += stride
      }
    }
    #expect(proof.counted("steps of a run") > 300, "a run has some hundreds of steps")
    try proof.report()
  }

  @Test("a recovery killed at every step")
  func everyStepOfRecovery() throws {
    var proof = Proof("P1 C, recovery")
    let stride = Proof.stride(short: 40)
    let steps = try countSteps()
    // Three crashes: while the store is made, amid the calls, and when the calls are over.
    for part in Proof.isFull ? [1, 2, 3] : [2] {
      let first = steps * part / 4
      var step = 1 + proof.random.below(stride)
      while true {
        let place: Comment =
          "seed \(proof.seed), killed at step \(first) of \(steps), then at \(step)"
        var trial = try trial("cache", place)
        try #require(try trial.kill(at: first, .killBefore), place)
        guard try trial.kill(at: step, .killBefore) else { break }
        proof.count("steps killed at")
        try finish(trial, &proof)
        step += stride
      }
    }
    try proof.report()
  }

  /// One store, from nothing to its end.
  private struct Trial {
    let suite: P1EnumerationTests
    let place: Comment
    var account: KillLedger

    /// Runs with a kill at a step; false if the run ended before that.
    mutating func kill(at step: Int, _ action: FaultShim.Action) throws -> Bool {
      let cache = suite.project.cache(account.cache)
      try FileManager.default.createDirectory(
        atPath: cache,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
      let environment = suite.shim.environment(over: cache, at: step, action)
      let run = try suite.project.run(cache: account.cache, environment: environment)
      guard run.signal == SIGKILL else {
        #expect(run.status == 0, "\(place): \(run.error)")
        return false
      }
      try account.afterKill(place)
      return true
    }
  }

  private func trial(_ cache: String, _ place: Comment) throws -> Trial {
    try? FileManager.default.removeItem(atPath: project.cache(cache))
    let account = KillLedger(
      project,
      server,
      witness,
      cache: cache,
      concurrency: Self.concurrency
    )
    return Trial(suite: self, place: place, account: account)
  }

  /// Resumes without faults, and holds the store against the undisturbed one.
  private func finish(_ trial: Trial, _ proof: inout Proof) throws {
    let account = trial.account
    let run = try project.run(cache: account.cache)
    #expect(run.status == 0, "\(trial.place): \(run.error)")
    #expect(run.calls("in_doubt") == 0, trial.place)
    #expect(try project.lineage(cache: account.cache) == lineage, trial.place)
    let again = try account.settle(rows: Self.rows, honoursKeys: false, trial.place)
    proof.count("in doubt", account.doubtful)
    proof.count("charged twice", again)
    #expect(try project.ask("cache", "verify", cache: account.cache).status == 0, trial.place)
  }

  /// How many steps an undisturbed run takes; it varies a little, as commits are grouped.
  private func countSteps() throws -> Int {
    let cache = project.cache("counted")
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    let log = "\(project.path)/steps"
    let run = try project.run(
      cache: "counted",
      environment: shim.environment(over: cache, log: log)
    )
    try #require(run.status == 0, "\(run.error)")
    return try FaultShim.steps(in: log).count
  }
}
