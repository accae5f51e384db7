import Engine
import Execution
import Foundation
import Primitives
import Store
import Workflow
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs that are stopped, and several at work on one store.
@Suite struct StoppingTests {
  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
  }

  @Test func aStoppedRunRecordsNothingOfWhatWasUnderWay() async throws {
    let text = """
      nodes:
        done: {kind: command, shell: "echo done > out", outputs: {out: out}}
        slow:
          kind: command
          shell: "cat $IN > out; echo $$ > ROOT/pid.new; mv ROOT/pid.new ROOT/pid; sleep 600"
          inputs: {IN: done}
          outputs: {out: out}
        behind: {kind: command, shell: "cat $IN > out", inputs: {IN: slow}, outputs: {out: out}}
      """.replacing("ROOT", with: shop.folder.path)
    let engine = try await shop.engine(text)
    let run = Task { try await engine.run(RunSettings(localSlots: 2), runID: "run-1") { _ in } }
    try await wait { shop.exists("pid") }
    run.cancel()
    let outcomes = try await run.value
    #expect(outcomes.lines == ["done ran", "slow interrupted", "behind skipped"])
    #expect(outcomes["slow"]?.failure?.reason == .interrupted)
    let key = try #require(outcomes["slow"]?.key)
    #expect(try await shop.store.results.lookup(key) == nil)
    let program = try #require(
      Int32(try shop.folder.read("pid").trimmingCharacters(in: .whitespacesAndNewlines))
    )
    #expect(kill(program, 0) == -1 && errno == ESRCH)

    let plan = try await shop.plan(text)
    #expect(plan.lines == ["done reuse", "slow run", "behind unknown"])
    #expect(plan["slow"]?.reasons == ["it has not run before"])
    let summary = RunSummary(
      id: "run-1",
      outcomes: outcomes,
      commit: nil,
      isDirty: false,
      isInterrupted: true,
      seconds: 1
    )
    #expect(summary.status == .interrupted)
  }

  @Test func twoRunsOnOneStoreRunEachActionOnce() async throws {
    let nodes = (1...6).map { number in
      """
        node\(number):
          kind: command
          shell: "echo \(number) >> ROOT/starts; echo \(number) > out"
          outputs: {out: out}
      """
    }
    let sum = (1...6).map { "N\($0): node\($0)" }.joined(separator: ", ")
    let text = """
      nodes:
      \(nodes.joined(separator: "\n"))
        sum: {kind: command, shell: "echo sum >> ROOT/starts; cat $N1 $N6 > out", inputs: {\(sum)}, outputs: {out: out}}
      """.replacing("ROOT", with: shop.folder.path)
    let one = try await shop.engine(text)
    let other = try await shop.engine(text, on: shop.anotherStore(), runID: "run-2")
    async let first = one.run(RunSettings(localSlots: 2), runID: "run-1") { _ in }
    async let second = other.run(RunSettings(localSlots: 2), runID: "run-2") { _ in }
    let (ones, others) = try await (first, second)

    let starts = try shop.folder.read("starts").split(separator: "\n").sorted()
    #expect(starts == ["1", "2", "3", "4", "5", "6", "sum"])
    for (mine, theirs) in zip(ones, others) {
      #expect(Set([mine.status, theirs.status]) == [.ran, .reused], "\(mine.id)")
      #expect(mine.key == theirs.key)
      #expect(mine.yield?["out"] == theirs.yield?["out"])
      #expect(mine.yield?.originRun == theirs.yield?.originRun)
    }
  }

  /// The kernel frees the lock when its holder is gone, however it went: closing the descriptor is
  /// what the end of a process does.
  @Test func anActionThatAnotherProcessRunsIsWaitedFor() async throws {
    let text = """
      nodes:
        node: {kind: command, shell: "echo ran >> ROOT/order; : > out", outputs: {out: out}}
      """.replacing("ROOT", with: shop.folder.path)
    let engine = try await shop.engine(text)
    let key = try #require(try await engine.plan()["node"]?.key)
    let path = "\(shop.store.path)/locks/action-\(key.hex)"
    let holder = open(path, O_RDWR | O_CREAT, 0o600)
    try #require(holder >= 0)
    try #require(flock(holder, LOCK_EX) == 0)

    let run = Task { try await engine.run(RunSettings(localSlots: 1), runID: "run-1") { _ in } }
    // Time enough to go wrong; a run that waits cannot fail here, however slow the machine.
    try await Task.sleep(for: .milliseconds(100))
    try shop.folder.write("freed\n", to: "order")
    close(holder)
    #expect(try await run.value.lines == ["node ran"])
    #expect(try shop.folder.read("order") == "freed\nran\n")
  }

  @Test func aWaitingRunTakesOverWhenTheOtherFails() async throws {
    // The first start fails, after the second run has come; the second start goes well.
    let text = """
      nodes:
        node:
          kind: command
          shell: "mkdir ROOT/first || { : > out; exit 0; }; while ! test -e ROOT/go; do sleep 0.01; done; exit 9"
          outputs: {out: out}
      """.replacing("ROOT", with: shop.folder.path)
    let one = try await shop.engine(text)
    let other = try await shop.engine(text, on: shop.anotherStore(), runID: "run-2")
    let first = Task { try await one.run(RunSettings(localSlots: 1), runID: "run-1") { _ in } }
    try await wait { shop.exists("first") }
    let second = Task { try await other.run(RunSettings(localSlots: 1), runID: "run-2") { _ in } }
    try shop.folder.write("", to: "go")
    #expect(try await first.value.lines == ["node failed"])
    #expect(try await second.value.lines == ["node ran"])
  }

  @Test func aStoppedWaitEndsAsInterrupted() async throws {
    let text = "nodes:\n  node: {kind: command, shell: \": > out\", outputs: {out: out}}\n"
    let engine = try await shop.engine(text)
    let key = try #require(try await engine.plan()["node"]?.key)
    let holder = open("\(shop.store.path)/locks/action-\(key.hex)", O_RDWR | O_CREAT, 0o600)
    defer { close(holder) }
    try #require(flock(holder, LOCK_EX) == 0)
    let run = Task { try await engine.run(RunSettings(localSlots: 1), runID: "run-1") { _ in } }
    run.cancel()
    let outcome = try #require(try await run.value["node"])
    // Stopped before it came to the lock, or while it waited there.
    #expect(outcome.status == .interrupted || outcome.status == .skipped)
    #expect(try await shop.store.results.lookup(key) == nil)
  }
}
