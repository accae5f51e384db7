import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// Runs are dropped with what only they need, and nothing else goes.
@Suite struct CollectingTests {
  private func selection(_ change: (inout GCSelection) -> Void = { _ in }) -> GCSelection {
    var selection = GCSelection()
    selection.minimumAge = 0
    change(&selection)
    return selection
  }

  private func opened() async throws -> (store: Store, copy: SampleStore.Copy) {
    let copy = try await SampleStore.make().copy()
    return (try await copy.reopened(), copy)
  }

  @Test func withoutASelectionEverythingNamedStays() async throws {
    let (store, copy) = try await opened()
    let report = try await store.gc(selection(), dryRun: false)
    #expect(try await copy.store(store, serves: 24))
    #expect(report.removable.isEmpty)
    #expect(report.keptObjects == 16)
    #expect(report.runs.isEmpty)
  }

  @Test func aRunGoesWithWhatOnlyItNeeds() async throws {
    let (store, copy) = try await opened()
    let run = copy.sample.runs[1]
    let chosen = selection { $0.runs = [run] }
    let dry = try await store.gc(chosen, dryRun: true)
    #expect(dry.runs.map(\.id) == [run])
    #expect(dry.gitRefs == ["refs/distill/runs/\(run)"])
    #expect(dry.results == 1)
    let gone = ["input of 1", "rows of run 1\n", "summary of run 1\n"].map { Digest(of: $0) }
    #expect(Set(dry.removable.map(\.digest)) == Set(gone + [copy.sample.results[1]]))
    #expect(try await store.results.lookup(copy.sample.results[1]) != nil)

    let done = try await store.gc(chosen, dryRun: false)
    #expect(done.removable == dry.removable)
    #expect(try await store.results.lookup(copy.sample.results[1]) == nil)
    #expect(try await store.results.lookup(copy.sample.results[0]) != nil)
    let left = Set(try await store.runs.list().map(\.id))
    #expect(left == [copy.sample.runs[0], copy.sample.runs[2]])
    #expect(try copy.files().allSatisfy { !$0.contains(run) })
    #expect(try await store.verify().problems == [])
    // No answer goes unless that is asked for.
    #expect(try await store.ledger.lookup(Array(copy.sample.answers.keys)).count == 24)
    await store.close()
  }

  @Test func rulesChooseRuns() async throws {
    let (store, copy) = try await opened()
    let runs = copy.sample.runs
    func dropped(_ change: (inout GCSelection) -> Void) async throws -> [String] {
      try await store.gc(selection(change), dryRun: true).runs.map(\.id)
    }
    #expect(try await dropped { $0.keepRuns = 1 } == [runs[0], runs[1]])
    #expect(try await dropped { $0.keepRuns = 5 } == [])
    #expect(try await dropped { $0.olderThan = 86_400 } == [])
    try await Task.sleep(for: .milliseconds(20))
    #expect(try await dropped { $0.olderThan = 0 } == runs)
    #expect(try await dropped { ($0.olderThan, $0.keepRuns) = (0, 2) } == [runs[0]])
    #expect(try await dropped { ($0.olderThan, $0.keepRuns) = (86_400, 0) } == [])
    // The oldest go until the rest fits; answers and their requests stay whatever the size.
    let all = try await store.gc(selection(), dryRun: true).keptBytes
    #expect(try await dropped { $0.maxSize = all } == [])
    #expect(try await dropped { $0.maxSize = all - 1 } == [runs[0]])
    #expect(try await dropped { $0.maxSize = 0 } == runs)
    await store.close()
  }

  @Test func pinsLocksAndLivingRunsStay() async throws {
    let (store, copy) = try await opened()
    let runs = copy.sample.runs
    #expect(try await store.pin(.run(runs[0])))
    #expect(try await !store.pin(.run(runs[0])))
    let rows = Digest(of: "rows of run 1\n")
    try await store.pin(.object(rows))
    #expect(Set(try await store.pins()) == [.run(runs[0]), .object(rows)])
    let living = try await store.runs.begin(workflow: "w", commit: nil)
    // A lock names the key of a result: then the result stays, too.
    let chosen = selection {
      $0.runs = runs + [living.id]
      $0.roots = [copy.sample.results[2]]
    }
    let report = try await store.gc(chosen, dryRun: false)
    #expect(report.runs.map(\.id) == [runs[1], runs[2]])
    #expect(Set(report.keptRuns.map(\.reason)) == ["it is pinned", "it is going on"])
    #expect(store.objects.find(rows) != nil)
    #expect(store.objects.find(Digest(of: "summary of run 1\n")) == nil)
    #expect(try await store.results.lookup(copy.sample.results[2]) != nil)
    #expect(try await store.results.lookup(copy.sample.results[0]) != nil)
    #expect(try await store.unpin(.run(runs[0])))
    let after = try await store.gc(selection { $0.runs = [runs[0]] }, dryRun: true)
    #expect(after.runs.map(\.id) == [runs[0]])
    await store.close()
  }

  @Test func answersGoOnlyAtAnAgreedPrice() async throws {
    let (store, copy) = try await opened()
    let run = copy.sample.runs[0]
    var chosen = selection { ($0.runs, $0.takesAnswers) = ([run], true) }
    let dry = try await store.gc(chosen, dryRun: true)
    #expect(dry.answers.count == SampleStore.answersPerRun)
    #expect(dry.answers.cost == Money(usd: 0.008))
    await #expect(throws: StoreError.priceNotAgreed(dry.answers)) {
      _ = try await store.gc(chosen, dryRun: false)
    }
    chosen.giveUp = Money(usd: 0.007)
    await #expect(throws: StoreError.priceNotAgreed(dry.answers)) {
      _ = try await store.gc(chosen, dryRun: false)
    }
    #expect(try await store.ledger.lookup(Array(copy.sample.answers.keys)).count == 24)
    chosen.giveUp = Money(usd: 0.008)
    _ = try await store.gc(chosen, dryRun: false)
    #expect(try await store.ledger.lookup(Array(copy.sample.answers.keys)).count == 16)
    #expect(try await store.verify().problems == [])
    // The money stays spent, and the call is free to be made again.
    let spending = try await store.ledger.spending(account: SampleStore.workflow)
    #expect(spending == copy.sample.spending)
    #expect(try await store.ledger.claim(call("call 0.1")).attempt?.number == 2)
    #expect(try Recount.differences(copy.path) == "")
    await store.close()
  }

  @Test func aCollectionThatWasKilledIsFinishedByTheNext() async throws {
    let (store, copy) = try await opened()
    let run = copy.sample.runs[2]
    let runs = "\(copy.path)/runs"
    try FileManager.default.moveItem(atPath: "\(runs)/\(run)", toPath: "\(runs)/.gone-\(run)")
    #expect(try await store.verify().problems == [])
    #expect(try await store.verify().leftovers == ["\(runs)/.gone-\(run)"])
    _ = try await store.gc(selection(), dryRun: false)
    #expect(try await store.runs.list().count == 2)
    #expect(try await store.verify().leftovers == [])
    await store.close()
  }

  @Test func whoOpensMeanwhileIsToldToWait() async throws {
    let test = try await TestStore()
    await test.store.close()
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    holder.arguments = [
      "python3", "-c",
      "import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.flock(f,fcntl.LOCK_EX); print(1,flush=True);"
        + " sys.stdin.read()", "\(test.path)/locks/use",
    ]
    let (output, input) = (Pipe(), Pipe())
    holder.standardOutput = output
    holder.standardInput = input
    try holder.run()
    _ = try output.fileHandleForReading.read(upToCount: 1)
    let store = try await Store.open(at: test.path, mode: .existing) {
      try? input.fileHandleForWriting.close()
    }
    holder.waitUntilExit()
    await store.close()
  }
}
