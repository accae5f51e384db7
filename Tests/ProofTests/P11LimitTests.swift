import Foundation
import Primitives
import TestSupport
import Testing

/// P11: a disk that fills up, few file handles, little memory.
@Suite("P11 limits", .serialized)
struct P11LimitTests {
  @Test(
    "16 MB that are full from a random moment on",
    .enabled(if: FullDisk.isAllowed, "no file system may be mounted here")
  )
  func fullDisk() throws {
    let rows = 60
    var proof = Proof("P11 full disk")
    let server = try TollServer("--latency", "5-40")
    // Answers of up to 200 KB: what is kept free for those under way is never little.
    let project = try Project(rows: rows) { "Row \($0). [[toll: huge bytes=\(2000 + $0 * 3300)]]" }
    let settings = Project.Settings(concurrency: 8, top: "in_doubt: resend")
    try project.write(server.url, settings)
    let ample = try project.run(cache: "ample")
    // Long answers repeat themselves, and are read as bad rows.
    try #require(ample.status == 3, "\(ample.error)")
    let outputs = try DamageBed.outputs(project, "ample")
    let witness = try Witness()
    for _ in 0..<Proof.count(full: 100, short: 3) {
      let (delay, left) = (proof.random.below(1500), proof.random.below(6) * 300)
      let place: Comment = "seed \(proof.seed), \(left) KiB left after \(delay) ms"
      let start = server.bytes
      var recorded: Set<String> = []
      var doubtful: Set<String> = []
      let ends = try FullDisk(project: project).run(delay: delay, left: left) {
        let charges = try server.entries(from: start).charges
        let view = try witness.view(cache: "\(project.path)/left")
        recorded = Set(view.recorded.compactMap { view.calls[$0] })
        doubtful = Set(view.claimed.compactMap { view.calls[$0] })
        let lost = Set(charges.keys).subtracting(recorded)
        #expect(lost.isSubset(of: doubtful), "\(place): a charge that the ledger knows nothing of")
        // Not kept yet where another program takes the disk: room for what was charged had been set
        // aside, and now and then an answer finds none.
        withKnownIssue("an answer without room on a full disk", isIntermittent: true) {
          #expect(lost.isEmpty, "\(place): an answer is lost")
        }
        proof.count("answers without room", lost.count)
      }
      #expect([1, 3].contains(ends.first.status), "\(place): \(ends.first.error)")
      if ends.first.status == 1 {
        proof.count("runs that stopped")
        let said = ends.first.error + ends.first.output
        #expect(said.contains("space"), "\(place): \(said)")
      }
      #expect(ends.second.status == 3, "\(place): \(ends.second.error)")
      #expect(ends.second.calls("made") == rows - recorded.count, "\(place)")
      let charges = try server.entries(from: start).charges
      #expect(charges.count == rows, "\(place): \(charges.count) calls were charged")
      for (key, count) in charges {
        #expect(count <= (doubtful.contains(key) ? 2 : 1), "\(place): charged \(count) times")
      }
      #expect(ends.verify.status == 0, "\(place): \(ends.verify.output)")
      for instance in ends.show.summary["instances"]?.array ?? [] {
        let id = instance["id"]?.string ?? ""
        #expect(instance["outputs"] == outputs[id] ?? instance["outputs"], "\(place): \(id)")
      }
      proof.count("runs")
    }
    try proof.report()
  }

  @Test("64 file handles: what is sent is recorded, and the next run goes on")
  func fewHandles() throws {
    var proof = Proof("P11 handles")
    let rows = 300
    let server = try TollServer("--latency", "5-30")
    for concurrency in [8, 32, 64, 200].prefix(Proof.size(full: 4, short: 3)) {
      let project = try Project(rows: rows)
      let settings = Project.Settings(concurrency: concurrency, top: "in_doubt: resend")
      try project.write(server.url, settings)
      let limited = Limits(shell: "ulimit -n 64")
      try lastToTheEnd(project, server, limited, rows, "\(concurrency) at once", &proof)
    }
    try proof.report()
  }

  @Test(
    "256 MiB of memory: a run of 2,000 calls and an answer of 10 MB",
    .enabled(if: Limits.canLimitMemory, "no control group may be made here")
  )
  func littleMemory() throws {
    var proof = Proof("P11 memory")
    let rows = 2000
    let server = try TollServer()
    for _ in 0..<Proof.count(full: 5, short: 1) {
      let project = try Project(rows: rows) {
        $0 == 1000 ? "Say much. [[toll: huge]]" : "What is \($0) plus 4?"
      }
      try project.write(server.url)
      let group = try Limits.memory(mebibytes: 256)
      let start = server.bytes
      let run = try group.run(["run", "w.yaml", "--json", "--cache", "cache"], in: project.path)
      #expect(run.status == 0, "seed \(proof.seed): \(run.status) \(run.error)")
      #expect(run.calls("made") == rows)
      let charges = try server.entries(from: start).charges
      #expect(charges.count == rows && charges.values.allSatisfy { $0 == 1 })
      proof.count("calls", rows)
      proof.most("MiB at most", group.mostMemory / 1_048_576)
    }
    try proof.report()
  }

  @Test("too little address space: whatever it ends by, nothing recorded is lost or paid again")
  func littleAddressSpace() throws {
    var proof = Proof("P11 address space")
    let rows = 200
    let server = try TollServer()
    for _ in 0..<Proof.count(full: 100, short: 3) {
      let project = try Project(rows: rows)
      try project.write(server.url, Project.Settings(concurrency: 16, top: "in_doubt: resend"))
      let mebibytes = 64 + proof.random.below(700)
      let limited = Limits(shell: "ulimit -v \(mebibytes * 1024)")
      let place: Comment = "seed \(proof.seed), \(mebibytes) MiB of addresses"
      var account = KillLedger(project, server, try Witness(), cache: "cache", concurrency: 16)
      do {
        let words = ["run", "w.yaml", "--json", "--cache", "cache"]
        let run = try limited.run(words, in: project.path, seconds: 60)
        proof.count(run.status == 0 ? "whole" : "ended early")
      } catch is Running.Hangs {
        // libdispatch waits without end for room for a thread.
        proof.count("stood still and killed")
      }
      try account.afterKill(place)
      let again = try project.run()
      #expect(again.status == 0, "\(place): \(again.error)")
      proof.count("in doubt", account.doubtful)
      try account.settle(rows: rows, honoursKeys: false, place)
      #expect(try project.ask("cache", "verify").status == 0, place)
    }
    try proof.report()
  }

  /// Runs under limits until it is done: each run ends by itself, and what was charged is recorded.
  private func lastToTheEnd(
    _ project: Project,
    _ server: TollServer,
    _ limits: Limits,
    _ rows: Int,
    _ what: String,
    _ proof: inout Proof
  ) throws {
    let witness = try Witness()
    let start = server.bytes
    for number in 1...40 {
      let place: Comment = "\(what), run \(number)"
      let run = try limits.run(["run", "w.yaml", "--json", "--cache", "cache"], in: project.path)
      #expect([0, 1].contains(run.status), "\(place): \(run.status) \(run.error)")
      proof.count("runs")
      let view = try witness.view(cache: project.cache())
      let recorded = Set(view.recorded.compactMap { view.calls[$0] })
      let charges = try server.entries(from: start).charges
      #expect(Set(charges.keys) == recorded, "\(place): charged and not recorded")
      #expect(charges.values.allSatisfy { $0 == 1 }, "\(place): charged twice")
      guard run.status != 0 else { return proof.count("calls", charges.count) }
      let said = run.error + run.output
      #expect(said.contains("open files"), "\(place): does not say why: \(said)")
    }
    #expect(Bool(false), "\(what): not done after 40 runs")
  }
}
