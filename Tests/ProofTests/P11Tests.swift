import Foundation
import Primitives
import TestSupport
import Testing

/// P11: a run of 20 calls in which one step in the store fails, or all from one on.
///
/// A step is what `Tests/FaultShim` counts: every write, fsync, rename, open, allocation and so on.
/// What a full disk, a small memory and few handles come to is in `P11LimitTests`.
@Suite("P11 steps", .serialized, .enabled(if: FaultShim.isPossible, "LD_PRELOAD is Linux's"))
struct P11Tests {
  private static let rows = 20
  private static let concurrency = 4

  /// The fault, and what of it comes after the step.
  ///
  /// Interruptions that never end would be no interruptions: whoever tries again has to succeed at
  /// some time.
  private static let faults: [(action: FaultShim.Action, after: FaultShim.Repetition)] = [
    (.noSpace, .once), (.noSpace, .forever), (.inputOutput, .once), (.inputOutput, .forever),
    (.short, .once), (.short, .forever), (.interrupted, .once), (.interrupted, .everyOther),
  ]

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
    let settings = Project.Settings(concurrency: Self.concurrency, top: "in_doubt: resend")
    try project.write(server.url, settings)
    let run = try project.run(cache: "undisturbed")
    try #require(run.status == 0, "\(run.error)")
    lineage = try project.lineage(cache: "undisturbed")
  }

  @Test("ENOSPC, EIO, short writes and EINTR at every step, once and from then on")
  func everyStep() throws {
    for fault in Self.faults {
      var proof = Proof("P11 \(fault.action.rawValue) \(fault.after)")
      // In the short form steps are tried so far apart, from a random one on.
      let stride = Proof.stride(short: 160)
      var step = 1 + proof.random.below(stride)
      while true {
        var trial = try Trial(self, "cache", fault, step, proof.seed)
        guard try trial.run(&proof) else { break }
        step += stride
      }
      #expect(proof.counted("steps") > 0)
      try proof.report()
    }
  }

  /// One store, from nothing to its end.
  private struct Trial {
    let suite: P11Tests
    let fault: (action: FaultShim.Action, after: FaultShim.Repetition)
    let step: Int
    let place: Comment
    var account: KillLedger
    var cache: String { suite.project.cache(account.cache) }
    var log: String { "\(suite.project.path)/steps" }

    init(
      _ suite: P11Tests,
      _ cache: String,
      _ fault: (action: FaultShim.Action, after: FaultShim.Repetition),
      _ step: Int,
      _ seed: Int64
    ) throws {
      self.suite = suite
      self.fault = fault
      self.step = step
      place = "seed \(seed), \(fault.action.rawValue) \(fault.after) at step \(step)"
      account = KillLedger(
        suite.project,
        suite.server,
        suite.witness,
        cache: cache,
        concurrency: P11Tests.concurrency
      )
      try? FileManager.default.removeItem(atPath: suite.project.cache(cache))
      try? FileManager.default.removeItem(atPath: "\(suite.project.path)/steps")
      try FileManager.default.createDirectory(
        atPath: suite.project.cache(cache),
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    }

    /// Runs with the fault, then without; false if the run had no such step.
    mutating func run(_ proof: inout Proof) throws -> Bool {
      let run = try suite.project.run(
        cache: account.cache,
        environment: suite.shim.environment(
          over: cache,
          log: log,
          at: step,
          fault.action,
          fault.after
        ),
        seconds: 120
      )
      let steps = try FaultShim.steps(in: log)
      guard let failed = steps.first(where: { $0.number == step }) else {
        #expect(run.status == 0, "\(place): \(run.error)")
        return false
      }
      proof.count("steps")
      proof.most("steps of a run", steps.count)
      try judge(run, failed, steps, &proof)
      try resume(&proof)
      return true
    }

    /// What must hold right after the run: it ended by itself, said why, and lost nothing.
    private mutating func judge(
      _ run: Tool.Result,
      _ failed: FaultShim.Step,
      _ steps: [FaultShim.Step],
      _ proof: inout Proof
    ) throws {
      let place: Comment = "\(self.place), \(failed.kind) of \(failed.path)"
      #expect(run.signal == nil, "\(place): ended by signal \(run.signal ?? 0)\n\(run.error)")
      #expect([0, 1].contains(run.status), "\(place): status \(run.status)\n\(run.error)")
      if run.status != 0 {
        proof.count("runs failed")
        #expect(says(run.error + run.output), "\(place): does not say why: \(run.error)")
      }
      try account.afterKill(place)
      proof.count("in doubt", account.doubtful)
      if failed.kind == "fsync", fault.action != .short {
        proof.count("syncs failed")
        if run.status == 0 {
          #expect(isWritten(again: failed, steps), "\(place): was taken for written")
        }
      }
    }

    /// Whether the error names what the system said.
    private func says(_ text: String) -> Bool {
      let words =
        switch fault.action {
        case .noSpace: ["space"]
        case .inputOutput: ["I/O error", "Input/output error", "i/o error"]
        case .interrupted: ["nterrupted"]
        default: ["write", "written", "bytes", "short"]
        }
      // What SQLite says where it keeps the system's word to itself: its shared memory that cannot
      // grow is a full disk to it, whatever the reason.
      let general = [
        "no space is left", "disk I/O error", "unable to open database file",
        "attempt to write a readonly database",
      ]
      return (words + general).contains { text.contains($0) }
    }

    /// Whether what a failed sync left in doubt was written and synced once more, or given up.
    ///
    /// The kernel may have dropped the pages: a later sync that succeeds says nothing of them. The
    /// index may lose what was last written to it (docs/store.md), so nothing is asked of it.
    private func isWritten(again failed: FaultShim.Step, _ steps: [FaultShim.Step]) -> Bool {
      if failed.path.contains("/index.sqlite") { return true }
      let all = steps.filter { $0.path == failed.path }
      var later = all.drop { $0.number <= failed.number }
      // A sync that was interrupted dropped nothing: the same again is enough.
      if fault.action == .interrupted, later.contains(where: { $0.kind == "fsync" }) {
        return true
      }
      let before = all.prefix { $0.number < failed.number }
      // Nothing was written since a sync that succeeded: there was nothing to lose.
      if before.last(where: { ["write", "fsync"].contains($0.kind) })?.kind == "fsync" {
        return true
      }
      if later.contains(where: { $0.kind == "unlink" }) { return true }
      var isFolder: ObjCBool = false
      // A temporary file that is there no more and was not unlinked was given its name all the same.
      guard FileManager.default.fileExists(atPath: failed.path, isDirectory: &isFolder) else {
        return false
      }
      if !isFolder.boolValue {
        guard let write = later.firstIndex(where: { $0.kind == "write" }) else { return false }
        later = later[write...]
      }
      return later.contains { $0.kind == "fsync" }
    }

    private func resume(_ proof: inout Proof) throws {
      let run = try suite.project.run(cache: account.cache)
      #expect(run.status == 0, "\(place): resumed: \(run.error)")
      #expect(run.calls("in_doubt") == 0, place)
      #expect(try suite.project.lineage(cache: account.cache) == suite.lineage, place)
      let again = try account.settle(rows: P11Tests.rows, honoursKeys: false, place)
      proof.count("charged twice", again)
      let verified = try suite.project.ask("cache", "verify", cache: account.cache)
      #expect(verified.status == 0, "\(place): \(verified.output)")
    }
  }
}
