import Engine
import Execution
import Primitives
import Store
import TestSupport
import Testing
import Workflow

/// The forms in which a run is told: events, summary, record.
@Suite struct RecordTests {
  private static let workflow = """
    workflow: small
    parameters: {row_limit: 1}
    nodes:
      rows: {kind: dataset, format: jsonl, path: rows.jsonl, limit: "${row_limit}"}
      bad: {kind: command, shell: "exit 4", inputs: {IN: rows}, outputs: {out: out}}
      behind: {kind: command, shell: "cat $IN > out", inputs: {IN: bad}, outputs: {out: out}}
    """

  private let shop: Workshop

  init() async throws {
    shop = try await Workshop()
    try shop.folder.write(Golden.rows, to: "rows.jsonl")
  }

  private func summary(_ outcomes: [InstanceOutcome], isInterrupted: Bool = false) -> RunSummary {
    RunSummary(
      id: "run-1",
      outcomes: outcomes,
      commit: "c0ffee",
      isDirty: true,
      isInterrupted: isInterrupted,
      seconds: 1.5
    )
  }

  @Test func theRecordHoldsWhatShapedTheRun() async throws {
    let engine = try await shop.engine(Self.workflow)
    let outcomes = try await engine.run(RunSettings(localSlots: 1), runID: "run-1") { _ in }
    let record = shop.record(outcomes, of: engine, summary(outcomes))

    #expect(record["version"] == 2)
    #expect(record["id"] == "run-1")
    #expect(
      record["workflow"] == [
        "name": "small", "path": .string("\(shop.folder.path)/plan.yaml"), "tree_path": .null,
        "sha256": .string(Digest(of: Self.workflow).hex),
      ]
    )
    #expect(record["parameters"] == ["row_limit": 1])
    #expect(record["tool"] == "0.1.0")
    #expect(record["started_at_ms"] == 1_700_000_000_000)
    #expect(record["models"] == [:])
    #expect(record["machine"] == ["cpu": "any"])
    #expect(record["git"] == ["head": "c0ffee"])
    #expect(
      record["files"] == [
        [
          "path": .string("\(shop.folder.path)/rows.jsonl"),
          "sha256": .string(Digest(of: Golden.rows).hex), "size": JSON(Golden.rows.utf8.count),
          "library": .null,
        ]
      ]
    )
    let instances = try #require(record["instances"]?.array)
    #expect(instances.map { $0["id"] } == ["rows", "bad", "behind"])
    #expect(instances.map { $0["status"] } == ["ran", "failed", "skipped"])
    #expect(instances[0].object?.keys == Self.members)
    #expect(instances[1].object?.keys == Self.members + ["error", "error_reason", "hint"])
  }

  private static let members = [
    "id", "kind", "status", "key", "previous_key", "inputs", "sources", "outputs", "origin_run",
    "facts",
    "seconds",
  ]

  @Test func anInstanceIsRecordedWithKeyInputsAndOutputs() async throws {
    let outcomes = try await shop.run(Self.workflow)
    let engine = try await shop.engine(Self.workflow)
    let record = shop.record(outcomes, of: engine, summary(outcomes))
    let instances = try #require(record["instances"]?.array)
    let rows = try #require(outcomes["rows"]?.yield?["rows"])

    #expect(instances[0]["key"]?.string == outcomes["rows"]?.key?.hex)
    #expect(
      instances[0]["outputs"] == [
        "rows": ["sha256": .string(rows.digest.hex), "size": JSON(rows.size)]
      ]
    )
    #expect(instances[0]["origin_run"] == "run-1")
    #expect(instances[0]["facts"] == ["rows": 1])
    #expect(instances[0]["previous_key"] == .null)
    #expect(instances[1]["inputs"] == ["inputs.IN": ["rows": .string(rows.digest.hex)]])
    #expect(instances[1]["sources"] == ["inputs.IN": "rows"])
    #expect(instances[1]["error"]?.string?.contains("exit code 4") == true)
    #expect(instances[1]["error_reason"] == "failed")
    #expect(instances[1]["outputs"] == [:])
    #expect(instances[2]["key"] == .null)
    #expect(instances[2]["error"] == "needs 'bad', which failed")
  }

  @Test func anInstanceThatRanAnewNamesTheKeyItHadBefore() async throws {
    let text = "nodes:\n  node: {kind: command, shell: \"echo 1 > out\", outputs: {out: out}}\n"
    let first = try await shop.run(text)
    let second = try await shop.run(text.replacing("echo 1", with: "echo 2"), id: "run-2")
    #expect(first["node"]?.previousKey == nil)
    #expect(second["node"]?.previousKey == first["node"]?.key)
  }

  @Test func theSummaryCountsAndJudges() async throws {
    let outcomes = try await shop.run(Self.workflow)
    let failed = summary(outcomes)
    #expect(failed.status == .failed)
    #expect(!failed.hasBadRows)
    #expect(
      failed.json == [
        "type": "run", "version": 1, "id": "run-1", "status": "failed", "commit": "c0ffee",
        "dirty": true,
        "instances": ["total": 3, "ran": 1, "reused": 0, "failed": 1, "skipped": 1],
        "calls": ["made": 0, "reused": 0, "in_doubt": 0],
        "cost_usd": 0.0, "saved_usd": 0.0, "seconds": 1.5,
      ]
    )
    #expect(summary(outcomes, isInterrupted: true).status == .interrupted)
    let good = outcomes.filter { $0.status == .ran }
    #expect(summary(good).status == .succeeded)
    #expect(summary([]).status == .succeeded)
  }

  @Test func eventsAreLinesOfJSON() async throws {
    let events = EventList()
    let engine = try await shop.engine(Self.workflow)
    _ = try await engine.run(RunSettings(localSlots: 1), runID: "run-1", observe: events.add)
    let lines = events.all.map(\.json)
    #expect(
      lines.first == [
        "type": "start", "version": 1, "id": "run-1", "workflow": "small", "instances": 3,
      ]
    )
    #expect(lines[1] == ["type": "instance-start", "instance": "rows"])
    #expect(lines[2]["type"] == "instance")
    #expect(lines[2]["instance"] == "rows")
    #expect(lines[2]["kind"] == "dataset")
    #expect(lines[2]["status"] == "ran")
    #expect(lines[2]["facts"] == ["rows": 1])
    #expect(lines[2]["error"] == nil)
    #expect(lines.last?["status"] == "skipped")
    let progress = CallProgress(done: 3, total: 9, reused: 2, failed: 1)
    #expect(
      RunEvent.progress(InstanceID("answers@cot"), progress).json == [
        "type": "progress", "instance": "answers@cot", "done": 3, "total": 9, "reused": 2,
        "failed": 1,
      ]
    )
  }
}
