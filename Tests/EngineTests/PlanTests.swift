import Engine
import Foundation
import Primitives
import Diagnostics
import Execution
import Store
import Workflow
import TestSupport
import Testing

@Suite struct PlanTests {
  private static let chain = """
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl}
      first: {kind: command, shell: "wc -l < $IN > out", inputs: {IN: rows}, outputs: {out: out}}
      second: {kind: command, shell: "cat $IN > out", inputs: {IN: first}, outputs: {out: out}}
    """

  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
    try shop.folder.write("{\"question\": \"1 + 1?\", \"label\": 2}\n", to: "rows.jsonl")
  }

  @Test func aNewWorkflowIsToRunAsFarAsItIsKnown() async throws {
    let plan = try await shop.plan(Self.chain)
    #expect(plan.lines == ["rows run", "first run", "second unknown"])
    #expect(plan["first"]?.reasons == ["it has not run before"])
    guard case .unknown(let waitsOn) = plan["second"]?.action else {
      Issue.record("'second' is planned before 'first' has run")
      return
    }
    #expect(waitsOn.map(\.text) == ["first"])
    #expect(plan["second"]?.key == nil)
    #expect(plan.count("run") == 2)
    #expect(plan.isComplete)
  }

  @Test func planningRunsNoCommandAndPreparesDatasets() async throws {
    let text = """
      nodes:
        rows: {kind: dataset, format: jsonl, path: rows.jsonl}
        marker: {kind: command, shell: "touch \(shop.folder.path)/ran > out", outputs: {out: out}}
      """
    _ = try await shop.plan(text)
    #expect(!shop.exists("ran"))
    // The dataset was read for the first plan; the second finds it.
    #expect(try await shop.plan(text).lines == ["rows reuse", "marker run"])
  }

  @Test func afterARunEverythingIsReused() async throws {
    try await shop.run(Self.chain)
    let plan = try await shop.plan(Self.chain)
    #expect(plan.lines == ["rows reuse", "first reuse", "second reuse"])
    #expect(plan.entries.allSatisfy { $0.reasons.isEmpty && $0.key != nil })
  }

  @Test func reasonsNameWhatChanged() async throws {
    let text = """
      nodes:
        count:
          kind: command
          shell: "wc -l < $IN > out"
          inputs: {IN: {path: rows.jsonl}}
          outputs: {out: out}
          env: {LANG: C}
      """
    try await shop.run(text)
    let program = text.replacing("wc -l", with: "wc -c")
    #expect(try await shop.plan(program)["count"]?.reasons == ["shell changed"])
    let two = program.replacing("LANG: C", with: "LANG: C, TZ: UTC")
    #expect(try await shop.plan(two)["count"]?.reasons == ["env changed", "shell changed"])
    try shop.folder.write("other\n", to: "rows.jsonl")
    let reasons = try await shop.plan(text)["count"]?.reasons
    #expect(reasons == ["inputs.IN.path changed"])
  }

  @Test func aChangedInputIsNamedByItsField() async throws {
    try await shop.run(Self.chain)
    try shop.folder.write("{\"question\": \"2 + 2?\", \"label\": 4}\n", to: "rows.jsonl")
    let plan = try await shop.plan(Self.chain)
    #expect(plan.lines == ["rows run", "first run", "second unknown"])
    #expect(plan["rows"]?.reasons == ["path changed"])
    #expect(plan["first"]?.reasons == ["inputs.IN changed"])
  }

  @Test func aLostObjectIsMadeAgain() async throws {
    let outcomes = try await shop.run(Self.chain)
    let object = try #require(outcomes["second"]?.yield?["out"])
    let path = shop.store.objects.path(of: object.digest)
    try FileManager.default.removeItem(atPath: path)
    let plan = try await shop.plan(Self.chain)
    // 'first' wrote the same bytes: one object, lost to both and made for both.
    #expect(plan.lines == ["rows reuse", "first run", "second unknown"])
    #expect(plan["first"]?.reasons == ["its last run left no result"])
    let again = try await shop.run(Self.chain, id: "run-2")
    #expect(again.lines == ["rows reused", "first ran", "second reused"])
  }

  @Test func problemsInDataAreListedAndStopOnlyWhatNeedsIt() async throws {
    try shop.folder.write("{\"question\": \n", to: "broken.jsonl")
    let text = """
      nodes:
        bad: {kind: dataset, format: jsonl, path: broken.jsonl}
        behind: {kind: dataset, data: bad, limit: 1}
        good: {kind: dataset, format: jsonl, path: rows.jsonl}
        empty: {kind: dataset, data: good, skip: 5}
      """
    let plan = try await shop.plan(text)
    #expect(plan.lines == ["good run"])
    #expect(!plan.isComplete)
    let places = plan.problems.map { "\($0.location?.file ?? ""):\($0.location?.line ?? 0)" }
    #expect(places.count == 2)
    #expect(places.first?.hasSuffix("broken.jsonl:1") == true)
    #expect(places.last?.hasSuffix("plan.yaml:5") == true)
    #expect(
      plan.problems.last?.message
        == "dataset 'empty' has no rows: 'skip: 5' leaves none of the 1 row in 'data'"
    )
  }
}
