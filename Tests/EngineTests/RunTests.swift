import Engine
import Execution
import Foundation
import Primitives
import Store
import Workflow
import TestSupport
import Testing

@Suite struct RunTests {
  private static let chain = """
    nodes:
      first: {kind: command, shell: "tr -d '#' < $IN > out", inputs: {IN: {path: text}}, outputs: {out: out}}
      second: {kind: command, shell: "wc -c < $IN > out", inputs: {IN: first}, outputs: {out: out}}
      third: {kind: command, shell: "cat $IN > out", inputs: {IN: second}, outputs: {out: out}}
    """
  /// 'bad' fails unless there is a file 'mended'.
  private static let failing = """
    nodes:
      bad: {kind: command, shell: "echo on the way; test -e ROOT/mended && : > out", outputs: {out: out}}
      behind: {kind: command, shell: "cat $IN > out", inputs: {IN: bad}, outputs: {out: out}}
      last: {kind: command, shell: "cat < $IN > out", inputs: {IN: behind}, outputs: {out: out}}
      good: {kind: command, shell: "echo good > out", outputs: {out: out}}
    """

  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
    try shop.folder.write("a text\n", to: "text")
  }

  @Test func aSecondRunReusesEverythingAndNamesTheRunThatMadeIt() async throws {
    let first = try await shop.run(Self.chain, id: "run-1")
    #expect(first.lines == ["first ran", "second ran", "third ran"])
    #expect(try await shop.text(first["third"], "out") == "7\n")
    let second = try await shop.run(Self.chain, id: "run-2")
    #expect(second.lines == ["first reused", "second reused", "third reused"])
    #expect(second.allSatisfy { $0.yield?.originRun == "run-1" })
    #expect(second.map(\.key) == first.map(\.key))
  }

  @Test func aTouchedFileRunsNothing() async throws {
    try await shop.run(Self.chain)
    try shop.touch("text", at: 1_000_000)
    let again = try await shop.run(Self.chain, id: "run-2")
    #expect(again.allSatisfy { $0.status == .reused })
  }

  @Test func aChangeThatYieldsTheSameBytesStopsThere() async throws {
    try await shop.run(Self.chain)
    try shop.folder.write("a #text\n", to: "text")
    let lines = try await shop.run(Self.chain, id: "run-2").lines
    #expect(lines == ["first ran", "second reused", "third reused"])
    // A text of the same length goes one step further.
    try shop.folder.write("b text\n", to: "text")
    let further = try await shop.run(Self.chain, id: "run-3").lines
    #expect(further == ["first ran", "second ran", "third reused"])
    // What was there before is known still.
    try shop.folder.write("a text\n", to: "text")
    let back = try await shop.run(Self.chain, id: "run-4")
    #expect(back.allSatisfy { $0.status == .reused })
  }

  @Test func aFailureStopsOnlyWhatDependsOnIt() async throws {
    let text = Self.failing.replacing("ROOT", with: shop.folder.path)
    let outcomes = try await shop.run(text)
    #expect(outcomes.lines == ["bad failed", "behind skipped", "last skipped", "good ran"])
    let failure = try #require(outcomes["bad"]?.failure)
    #expect(failure.reason == .failed)
    #expect(failure.message.contains("exit code 1"))
    #expect(failure.message.contains("on the way"))
    #expect(!failure.isDamage)
    #expect(outcomes["behind"]?.failure?.message == "needs 'bad', which failed")
    #expect(outcomes["bad"]?.yield == nil)
    let key = try #require(outcomes["bad"]?.key)
    #expect(try await shop.store.results.lookup(key) == nil)

    try shop.folder.write("", to: "mended")
    let mended = try await shop.run(text, id: "run-2").lines
    #expect(mended == ["bad ran", "behind ran", "last ran", "good reused"])
  }

  @Test func twoNodesOfOneActionRunItOnce() async throws {
    let text = """
      nodes:
        one: {kind: command, shell: "echo x >> ROOT/starts; : > out", outputs: {out: out}}
        two: {kind: command, shell: "echo x >> ROOT/starts; : > out", outputs: {out: out}}
      """.replacing("ROOT", with: shop.folder.path)
    let outcomes = try await shop.run(text, RunSettings(localSlots: 1))
    #expect(try shop.folder.read("starts") == "x\n")
    #expect(outcomes.lines == ["one ran", "two reused"])
  }

  @Test func failFastStartsNothingMore() async throws {
    let text = """
      nodes:
        bad: {kind: command, shell: "exit 3", outputs: {}}
        good: {kind: command, shell: "echo good > out", outputs: {out: out}}
      """
    let patient = try await shop.run(text, RunSettings(localSlots: 1))
    #expect(patient.lines == ["bad failed", "good ran"])
    let other = text.replacing("echo good", with: "echo better")
    let hasty = try await shop.run(other, RunSettings(localSlots: 1, isFailFast: true))
    #expect(hasty.lines == ["bad failed", "good skipped"])
    #expect(hasty["good"]?.failure?.message == "not started: the run was stopping")
  }

  @Test func eventsComeInOrder() async throws {
    let events = EventList()
    let engine = try await shop.engine(Self.chain)
    _ = try await engine.run(RunSettings(localSlots: 2), runID: "run-1", observe: events.add)
    #expect(
      events.lines == [
        "start", "start first", "end first ran", "start second", "end second ran", "start third",
        "end third ran",
      ]
    )
    guard case .started(let runID, let workflow, let instances) = events.all.first else {
      Issue.record("the first event is not the start")
      return
    }
    #expect(runID == "run-1")
    #expect(workflow == "plan")
    #expect(instances == 3)

    // What is reused does not start.
    let again = EventList()
    _ = try await engine.run(RunSettings(localSlots: 2), runID: "run-2", observe: again.add)
    #expect(
      again.lines == ["start", "end first reused", "end second reused", "end third reused"]
    )
  }

  @Test func whatIsSkippedIsToldAfterWhatFailed() async throws {
    let text = Self.failing.replacing("ROOT", with: shop.folder.path)
    let events = EventList()
    _ = try await shop.engine(text).run(
      RunSettings(localSlots: 1),
      runID: "run-1",
      observe: events.add
    )
    let lines = events.lines
    let failed = try #require(lines.firstIndex(of: "end bad failed"))
    for skipped in ["end behind skipped", "end last skipped"] {
      #expect(try #require(lines.firstIndex(of: skipped)) > failed)
    }
    #expect(!lines.contains("start behind"))
  }

  @Test func poolsLimitWhatRunsAtOnce() async throws {
    // Each command fails if it finds another one's lock folder.
    let nodes = (1...4).map { number in
      """
        node\(number):
          kind: command
          shell: "mkdir ROOT/lock && sleep 0.02 && rmdir ROOT/lock && echo \(number) > out"
          outputs: {out: out}
          pool: disk
      """
    }
    let text = "pools: {disk: 1}\nnodes:\n" + nodes.joined(separator: "\n")
    let settings = RunSettings(localSlots: 4, pools: ["disk": 1])
    let outcomes = try await shop.run(
      text.replacing("ROOT", with: shop.folder.path),
      settings
    )
    #expect(outcomes.allSatisfy { $0.status == .ran }, "\(outcomes.compactMap(\.failure))")
  }

  @Test func aMatrixRunsOnceForEachPoint() async throws {
    let text = """
      matrix: {word: [one, two]}
      nodes:
        say: {kind: command, shell: "echo ${word} > out", outputs: {out: out}}
        echo: {kind: command, shell: "cat $IN > out", inputs: {IN: say}, outputs: {out: out}}
      """
    let outcomes = try await shop.run(text)
    #expect(outcomes.lines == ["say@one ran", "say@two ran", "echo@one ran", "echo@two ran"])
    #expect(try await shop.text(outcomes["echo@two"], "out") == "two\n")
    let wider = text.replacing("[one, two]", with: "[zero, two]")
    let lines = try await shop.run(wider, id: "run-2").lines
    #expect(lines == ["say@zero ran", "say@two reused", "echo@zero ran", "echo@two reused"])
  }
}
