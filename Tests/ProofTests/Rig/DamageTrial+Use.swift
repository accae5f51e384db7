import Foundation
import Primitives
import TestSupport
import Testing

// What a damaged store serves, and what a repair makes of it.

extension DamageTrial {
  // MARK: Serving

  /// Runs what reads the damaged store, without a call: what it gives must be right.
  ///
  /// `withoutIndex` has all results made again, from the answers.
  func serve(withoutIndex: Bool, _ proof: inout Proof) throws {
    let copy = "served"
    try? FileManager.default.removeItem(atPath: bed.project.cache(copy))
    try FileManager.default.copyItem(atPath: path, toPath: bed.project.cache(copy))
    if withoutIndex { removeIndex(of: copy) }
    let run = try DamageBed.run(bed.project, "more.yaml", cache: copy, "--frozen")
    #expect([0, 1, 2, 5].contains(run.status), "\(place): \(run.status) \(run.error)")
    let made = try DamageBed.outputs(bed.project, copy)
    for (id, outputs) in made {
      #expect(outputs == bed.further[id], "\(place): \(id) was served otherwise")
    }
    if run.status == 0 {
      #expect(made.count == bed.further.count, place)
      proof.count("served")
    } else {
      proof.count("refused to serve")
    }
    for name in ["labels", "training"] where made[name] != nil {
      let got = try Tool.run(
        ["get", "last", name, "--part", "rows", "--cache", bed.project.cache(copy)],
        in: bed.project.path
      )
      let wanted = bed.further[name]?["rows"]?["sha256"]?.string
      let digest = Digest(of: Array(got.output.utf8)).hex
      #expect(got.status == 5 || digest == wanted, "\(place): get \(name): \(got.error)")
    }
  }

  /// Shows the runs of the damaged store: as they were, or not at all.
  func show(_ runs: [String: JSON], _ proof: inout Proof) throws {
    for (id, record) in runs {
      let shown = try bed.project.ask("show", id, cache: cache)
      guard shown.status == 0 else {
        #expect([1, 2, 5].contains(shown.status), "\(place): show: \(shown.error)")
        proof.count("refused to show")
        continue
      }
      #expect(shown.summary == record, "\(place): run \(id) was shown otherwise")
      proof.count("shown")
    }
  }

  // MARK: Repairing

  /// Repairs and goes on: no more is bought than was said to be lost; gives how much that was.
  @discardableResult
  func repair(atMost most: Int, _ proof: inout Proof) throws -> Int {
    let repaired = try bed.project.ask("cache", "verify", "--repair", cache: cache)
    try #require(repaired.status == 0, "\(place): \(repaired.output)\(repaired.error)")
    let lost = repaired.summary["lost_answers"]
    let count = lost?["count"]?.int ?? 0
    #expect(
      count <= most + unreadableCalls(lost),
      "\(place): \(count) answers lost: \(repaired.output)"
    )
    let again = try bed.project.ask("cache", "verify", cache: cache)
    #expect(again.status == 0, "\(place): after the repair: \(again.output)")
    let kept = try Witness().view(cache: path).recorded.count
    #expect(kept >= bed.recorded - most, "\(place): \(kept) of \(bed.recorded) answers kept")
    try goOn(kept: kept, said: lost, &proof)
    proof.count("repaired")
    proof.count("answers lost", bed.recorded - kept)
    proof.most("lost at once", bed.recorded - kept)
    if kept < bed.recorded { print("\(place): \(bed.recorded - kept) answers lost") }
    return bed.recorded - kept
  }

  /// How many calls may count as lost that were only under way: of a call whose attempts and claim
  /// do not read nobody knows.
  private func unreadableCalls(_ lost: JSON?) -> Int {
    lost?["may_be_more"]?.bool ?? false ? bed.underWay : 0
  }

  /// Runs on the repaired store, then without its results: together they buy what was lost, at the
  /// price that was said, and nothing else.
  private func goOn(kept: Int, said lost: JSON?, _ proof: inout Proof) throws {
    let bytes = bed.server.bytes
    var (made, paid) = (0, 0.0)
    for isBare in [false, true] {
      if isBare { removeIndex(of: cache) }
      let run = try DamageBed.run(bed.project, "w.yaml", cache: cache)
      try #require(run.status == 0, "\(place): \(run.error)")
      made += run.calls("made") ?? 0
      paid += run.summary["cost_usd"]?.number ?? 0
      #expect(try DamageBed.outputs(bed.project, cache) == bed.lineage, place)
    }
    #expect(made == DamageBed.rows - kept, "\(place): \(made) calls made")
    let charged = try bed.server.entries(from: bytes).filter(\.isCharged).count
    #expect(charged == made, "\(place): \(charged) were charged")
    let gone = bed.recorded - kept
    guard gone > 0 else { return }
    let count = lost?["count"]?.int ?? 0
    let isHedged = lost?["may_be_more"]?.bool ?? false
    #expect(
      count == gone || isHedged && count <= gone + unreadableCalls(lost),
      "\(place): \(count) said, \(gone) gone"
    )
    guard count == gone, gone == made, lost?["unpriced"] == 0 else { return }
    let price = lost?["cost_usd"]?.number ?? -1
    #expect(abs(price - paid) < 1e-9, "\(place): \(price) was said, \(paid) paid")
    proof.count("prices as said")
  }

  /// Forgets all results, so that they are made again from the answers.
  private func removeIndex(of cache: String) {
    for end in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(
        atPath: "\(bed.project.cache(cache))/index.sqlite\(end)"
      )
    }
  }
}
