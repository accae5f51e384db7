import Exports
import Foundation
import Lineage
import Primitives
import TestSupport
import Store
import Testing

@Suite("A run as a crate")
struct CrateTests {
  @Test("holds the workflow, inputs and outputs with their bytes")
  func contents() async throws {
    let archive = try await Archive()
    let report = try await archive.bundle(try await archive.run())
    let files = try archive.files()
    #expect(
      files.keys.sorted() == [
        "README.md", "files/data/rows.jsonl", "files/w.yaml", "outputs/after@cot/rows.jsonl",
        "outputs/after@cot/summary.json", "outputs/answers@cot/rows.jsonl",
        "outputs/table/table.csv", "outputs/table/table.json", "outputs/table/table.md",
        "outputs/train/rows.jsonl", "ro-crate-metadata.json", "run.json",
      ]
    )
    #expect(report.files == files.count)
    #expect(report.size == files.values.map(\.count).reduce(0, +))
    #expect(files["files/w.yaml"] == Data(archive.workflowText.utf8))
    #expect(files["outputs/table/table.md"] == Data(Archive.markdown.utf8))
    for (id, entity) in try archive.graph() {
      guard let digest = entity["sha256"]?.string, let data = files[id] else { continue }
      #expect(Digest(of: data).hex == digest)
    }
  }

  @Test("is the same to the byte each time")
  func determinism() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    try await archive.bundle(run, to: "one")
    try await archive.bundle(run, to: "two")
    #expect(try archive.files("one") == archive.files("two"))
  }

  @Test("says what was made of what, by what, and from which commit")
  func provenance() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    try await archive.bundle(run)
    let graph = try archive.graph()
    let workflow = try #require(graph["files/w.yaml"])
    #expect(workflow["version"]?.string == "c0ffee")
    #expect(workflow["codeRepository"]?.string == "https://example.net/team/project.git")
    #expect(graph["./"]?.references("mainEntity") == ["files/w.yaml"])
    let answers = try #require(graph["#run/\(run.id)/answers@cot"])
    #expect(answers.references("object") == ["outputs/train/rows.jsonl", "#model/teacher"])
    #expect(answers.references("result") == ["outputs/answers@cot/rows.jsonl"])
    #expect(answers.references("instrument") == ["urn:distill:0.1.0:generate"])
    #expect(graph["#run/\(run.id)/train"]?.references("object") == ["files/data/rows.jsonl"])
    let control = try #require(graph["#control/\(run.id)/answers@cot"])
    #expect(control.references("instrument") == ["#step/answers"])
    #expect(control.references("object") == ["#run/\(run.id)/answers@cot"])
    let usage = try #require(graph["#usage/run/\(run.id)/answers@cot/cost"])
    #expect(usage["value"]?.number == 0.25)
    #expect(graph["#value/rows"]?["value"]?.int == 2)
  }

  @Test("refers to the original of a reused result, with its times")
  func reuse() async throws {
    let archive = try await Archive()
    let first = try await archive.run()
    var plan = Archive.Plan()
    plan.instances = Archive.small.map { made in
      var made = made
      made.status = "reused"
      made.origin = first.id
      return made
    }
    let second = try await archive.run(plan)
    try await archive.bundle(first, to: "first")
    try await archive.bundle(second, to: "second")
    let original = try archive.graph("first")["#run/\(first.id)/answers@cot"]
    let reused = try archive.graph("second")
    let action = try #require(reused["#run/\(first.id)/answers@cot"])
    #expect(action["startTime"] != nil)
    #expect(action["startTime"] == original?["startTime"])
    #expect(action["endTime"] == original?["endTime"])
    #expect(
      reused["#control/\(second.id)/answers@cot"]?.references("object")
        == ["#run/\(first.id)/answers@cot"]
    )
    #expect(reused["#run/\(second.id)/answers@cot"] == nil)
  }

  @Test("has a failed run's errors, and nothing for what was skipped")
  func failure() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    plan.status = "failed"
    plan.instances = [
      Archive.small[0],
      Archive.Made(id: "bad", kind: "command", status: "failed", error: "exit code 3"),
      Archive.Made(id: "late", kind: "command", status: "skipped"),
    ]
    let run = try await archive.run(plan)
    try await archive.bundle(run)
    let graph = try archive.graph()
    let failed: JSON = "http://schema.org/FailedActionStatus"
    let action = try #require(graph["#run/\(run.id)/bad"])
    #expect(action["actionStatus"] == failed)
    #expect(action["error"]?.string == "exit code 3")
    #expect(graph["#run/\(run.id)"]?["actionStatus"] == failed)
    #expect(graph["#run/\(run.id)"]?["error"]?.string == "bad: exit code 3")
    #expect(graph["#run/\(run.id)/late"] == nil)
    #expect(graph["#step/late"] != nil)
    #expect(
      graph["#run/\(run.id)/train"]?["actionStatus"] == "http://schema.org/CompletedActionStatus"
    )
  }

  @Test("leaves out rows and the data files they came from, and lists them by digest")
  func withoutRows() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    let report = try await archive.bundle(run, selection: CrateSelection(leavesRows: true))
    let files = try archive.files()
    #expect(files.keys.filter { $0.hasSuffix(".jsonl") } == [])
    #expect(report.leftOut == 4)
    let id = "#object/\(Digest(of: Archive.rows).hex)"
    #expect(try archive.graph()[id]?["sha256"]?.string == Digest(of: Archive.rows).hex)
    #expect(!files.values.contains(Data(Archive.rows.utf8)))
  }

  @Test("is refused where nothing ran")
  func nothing() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    plan.instances = [Archive.Made(id: "late", kind: "command", status: "skipped")]
    let run = try await archive.run(plan)
    await #expect(throws: ExportError.self) { try await archive.bundle(run) }
  }
}
