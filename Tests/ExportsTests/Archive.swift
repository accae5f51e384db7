import Foundation
import Lineage
import Primitives
import Store
import TestSupport

/// A store with runs as the engine leaves them, and the folder of the project that they ran in.
final class Archive: Sendable {
  /// An instance of a run that is to be recorded.
  struct Made {
    var id: String
    var kind: String
    var status = "ran"
    var settings: JSON = [:]
    /// Texts of the files that it read, by slot.
    var files: [(slot: String, text: String)] = []
    /// Texts of the parts that it read, by slot and part.
    var inputs: [(slot: String, part: String, text: String)] = []
    /// The instance behind each slot; nothing in records of older releases.
    var sources: JSON = .null
    var models: JSON = [:]
    var outputs: [(part: String, text: String)] = []
    var facts: JSON = [:]
    var error: String?
    /// The run that made the result; this one where nil.
    var origin: String?
  }

  /// What of a record differs from test to test.
  struct Plan {
    var workflow = "w"
    var status = "succeeded"
    var instances: [Made] = Archive.small
    var parameters: JSON = ["rows": 2, "note": "plain"]
    var models: JSON = Archive.models
    var remote: JSON = "https://example.net/team/project.git"
    var hasGit = true
    /// Further members of the record, of a release that writes more.
    var others: JSON = [:]
  }

  static let rows = "{\"id\":\"1\",\"label\":\"4\"}\n{\"id\":\"2\",\"label\":\"6\"}\n"
  static let summary = """
    {"metrics":{"accuracy":{"figures":{"all":{"high":0.9,"low":0.1,"value":0.5}},"invalid":1,"n":2,\
    "name":"accuracy"}},"rows":2}
    """
  static let markdown = "| a |\n|---|\n| 50.00 |\n"

  static let models: JSON = [
    "teacher": [
      "declared": [
        "base_url": "https://example.net/v1", "model": "big", "revision": "2024-07-23",
        "price": nil,
      ],
      "identity": ["endpoint": "https://example.net/v1", "model": "big"],
    ]
  ]

  /// Rows, answers to them, a score, a table.
  static let small: [Made] = [
    Made(
      id: "train",
      kind: "dataset",
      settings: ["format": "jsonl"],
      files: [("path", rows)],
      outputs: [("rows", rows)],
      facts: ["rows": 2]
    ),
    Made(
      id: "answers@cot",
      kind: "generate",
      inputs: [("data", "rows", rows)],
      models: ["model": ["endpoint": "https://example.net/v1", "model": "big"]],
      outputs: [("rows", "{\"answer\":\"4\"}\n")],
      facts: [
        "made": 2, "prompt_tokens": 30, "completion_tokens": 7, "cost_usd": 0.25,
        "served_models": ["big-2024"],
      ]
    ),
    Made(
      id: "after@cot",
      kind: "evaluate",
      settings: ["samples": 1],
      inputs: [("data", "rows", rows)],
      outputs: [("rows", "{\"right\":true}\n"), ("summary", summary)],
      facts: ["made": 2, "prompt_tokens": 5, "completion_tokens": 1, "cost_usd": 0.5]
    ),
    Made(
      id: "table",
      kind: "table",
      inputs: [("columns.a[0]", "summary", summary)],
      outputs: [("table", "{}"), ("table.md", markdown), ("table.csv", "a\r\n50.00\r\n")]
    ),
  ]

  let folder: TemporaryFolder
  let store: Store
  let records: RunRecords
  let workflowText = "workflow: w\nnodes: {}\n"

  init() async throws {
    folder = try TemporaryFolder()
    store = try await Store.open(at: "\(folder.path)/cache", mode: .create)
    records = RunRecords(store)
    try folder.write(workflowText, to: "project/w.yaml")
    try folder.write(Self.rows, to: "project/data/rows.jsonl")
  }

  var project: String { "\(folder.path)/project" }

  /// Puts objects, results and the record into the store.
  func run(_ plan: Plan = Plan()) async throws -> RecordedRun {
    let begun = try await store.runs.begin(workflow: plan.workflow, commit: nil)
    var instances: [JSON] = []
    for made in plan.instances { instances.append(try await record(made, begun.id)) }
    try await begun.writeRecord(json(plan, begun.id, instances))
    try await store.runs.finish(begun.id, status: .succeeded)
    guard let record = try await records.record(begun.id) else { fatalError("BUG: no record") }
    return record
  }

  private func record(_ made: Made, _ runID: String) async throws -> JSON {
    var inputs = JSONObject()
    for input in made.inputs {
      inputs[input.slot] = [input.part: .string(Digest(of: input.text).hex)].json
    }
    let preimage: JSON = [
      "format": 1, "kind": .string(made.kind), "kind_version": 1, "settings": made.settings,
      "inputs": .object(inputs), "models": made.models,
      "files": .object(
        JSONObject(made.files.map { ($0.slot, .string(Digest(of: $0.text).hex)) })
      ), "versions": [:],
    ]
    let key = try await store.objects.put(preimage.canonical).digest
    var outputs: [(part: String, object: ObjectRef)] = []
    for output in made.outputs {
      outputs.append((output.part, try await store.objects.put(output.text)))
    }
    if made.status == "ran" {
      try await store.results.record(
        key: key,
        kind: made.kind,
        outputs: outputs,
        facts: made.facts,
        runID: runID
      )
    }
    return [
      "id": .string(made.id), "kind": .string(made.kind), "status": .string(made.status),
      "key": .string(key.hex), "previous_key": nil, "inputs": .object(inputs),
      "sources": made.sources,
      "outputs": .object(
        JSONObject(
          outputs.map { output in
            let digest = output.object.digest.hex
            return (output.part, ["sha256": .string(digest), "size": JSON(output.object.size)])
          }
        )
      ), "origin_run": .string(made.origin ?? runID), "facts": made.facts, "seconds": 1.5,
      "error": JSON(made.error),
    ]
  }

  private func json(_ plan: Plan, _ runID: String, _ instances: [JSON]) -> JSON {
    let git: JSON = [
      "commit": "c0ffee", "branch": "main", "remote": plan.remote, "dirty": false,
      "run_commit": "c0ffee", "ref": nil,
      "inputs": [
        ["path": "w.yaml", "status": "clean", "blob": "b1", "head_blob": "b1", "pinned": "head"],
        ["path": "data/rows.jsonl", "status": "clean", "blob": "b2", "head_blob": "b2"],
      ],
    ]
    var record: JSONObject = JSONObject([
      ("version", 1), ("id", .string(runID)),
      (
        "workflow",
        [
          "name": .string(plan.workflow), "path": .string("\(project)/w.yaml"),
          "sha256": .string(Digest(of: workflowText).hex),
        ]
      ), ("parameters", plan.parameters), ("tool", "0.1.0"), ("started_at_ms", 1_795_250_488_171),
      ("git", plan.hasGit ? git : .null),
      (
        "summary",
        [
          "type": "run", "version": 1, "status": .string(plan.status), "seconds": 12.5,
          "cost_usd": 0.75, "calls": ["made": 4, "reused": 0, "in_doubt": 0],
        ]
      ), ("models", plan.models), ("machine", ["runtime": "tiny-llama-1", "blas": "Haswell"]),
      (
        "files",
        [
          [
            "path": .string("\(project)/data/rows.jsonl"),
            "sha256": .string(Digest(of: Self.rows).hex), "size": JSON(Self.rows.utf8.count),
          ]
        ]
      ), ("instances", .array(instances)),
    ])
    for member in plan.others.object?.members ?? [] { record[member.key] = member.value }
    return .object(record)
  }
}

extension [String: JSON] {
  fileprivate var json: JSON { .object(JSONObject(map { ($0.key, $0.value) })) }
}
