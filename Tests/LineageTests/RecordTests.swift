import Lineage
import Primitives
import Store
import Testing

/// What a record says, and what is said of one that cannot be read.
@Suite("Records of runs")
struct RecordTests {
  private static let digest = String(repeating: "ab", count: 32)

  private static let record: JSON = [
    "version": 1, "id": "20261121-080000-aaaaaa",
    "workflow": ["name": "small", "path": "/p/w.yaml", "sha256": .string(digest)],
    "parameters": ["rows": 3], "tool": "0.1.0", "started_at_ms": 1_700_000_000_000,
    "git": [
      "commit": "c0ffee", "branch": "main", "remote": nil, "dirty": true, "run_commit": "d1",
      "ref": "refs/distill/runs/x",
      "inputs": [
        ["path": "w.yaml", "status": "clean", "blob": "b1", "head_blob": "b1", "pinned": "head"],
        ["path": "data/rows.jsonl", "status": "dirty", "blob": "b2", "head_blob": "b0"],
      ],
    ],
    "summary": ["status": "succeeded", "seconds": 1.5],
    "models": ["teacher": ["declared": ["embedded": "tiny"], "identity": ["checkpoint": "c"]]],
    "machine": ["runtime": "1"],
    "files": [["path": "/p/data/rows.jsonl", "sha256": .string(digest), "size": 7]],
    "instances": [
      [
        "id": "answers@cot", "kind": "generate", "status": "reused", "key": .string(digest),
        "previous_key": nil, "inputs": ["data": ["rows": .string(digest)]],
        "outputs": ["rows": ["sha256": .string(digest), "size": 12]],
        "origin_run": "20261120-080000-bbbbbb",
        "facts": [
          "made": 2, "reused": 1, "cost_usd": 0.25, "saved_usd": 0.5,
          "served_models": ["tiny-1", "tiny-2"], "notes": ["odd"],
        ], "seconds": 0.25,
      ], ["id": "labels@cot", "kind": "parse", "status": "skipped", "error": "needs another"],
    ],
  ]

  @Test("every member is found again")
  func whole() throws {
    let run = try RecordedRun(json: Self.record)
    #expect(run.id == "20261121-080000-aaaaaa")
    #expect(run.status == "succeeded")
    #expect(run.seconds == 1.5)
    #expect(run.workflow.name == "small")
    #expect(run.workflow.digest?.hex == Self.digest)
    #expect(run.parameters["rows"] == 3)
    #expect(run.models.map(\.name) == ["teacher"])
    #expect(run.git?.isDirty == true)
    #expect(run.git?.runCommit == "d1")
    #expect(run.git?.inputs[0].pinned == "head")
    #expect(run.files.map(\.object.size) == [7])

    let answers = try #require(run["answers@cot"])
    #expect(answers.key?.hex == Self.digest)
    #expect(answers["rows"]?.size == 12)
    #expect(!answers.isOwn)
    #expect(answers.calls.made == 2)
    #expect(answers.calls.cost == Money(usd: 0.25))
    #expect(answers.calls.servedModels == ["tiny-1", "tiny-2"])
    #expect(answers.notes == ["odd"])
    let labels = try #require(run["labels@cot"])
    #expect(labels.key == nil)
    #expect(labels.error == "needs another")
    #expect(labels.outputs.isEmpty)
    #expect(run.instances(of: "answers").map(\.id) == ["answers@cot"])
    #expect(run.instances(of: "answer").isEmpty)
  }

  @Test("a file is tied to what git says of it by the end of its path")
  func gitInput() throws {
    let run = try RecordedRun(json: Self.record)
    #expect(run.gitInput(of: Self.file("/p/data/rows.jsonl"))?.status == "dirty")
    #expect(run.gitInput(of: Self.file("/p/w.yaml"))?.blob == "b1")
    #expect(run.gitInput(of: Self.file("/p/other/rows.jsonl")) == nil)
  }

  private static func file(_ path: String) -> RecordedFile {
    RecordedFile(path: path, object: ObjectRef(of: Array("other".utf8)))
  }

  @Test("a run outside of any repository has no git")
  func noRepository() throws {
    let run = try RecordedRun(json: Self.changing("git", to: .null))
    #expect(run.git == nil)
    #expect(run.gitInput(of: Self.file("/p/w.yaml")) == nil)
  }

  private static let mistakes: [(member: String, value: JSON, message: String)] = [
    ("version", 3, "version 3, this release reads up to 2"),
    ("id", 7, "'id' of the record must be a text; found a whole number"),
    ("workflow", .null, "'workflow' must be a map; found null"),
    ("summary", ["seconds": 1], "'summary' lacks 'status'"),
    ("files", [["path": "x", "sha256": "short", "size": 1]], "'sha256' of a file must be"),
    ("instances", ["x"], "an instance must be a map; found a text"),
  ]

  @Test(
    "what cannot be read is named",
    arguments: RecordTests.mistakes
  )
  func broken(member: String, value: JSON, message: String) {
    let error = #expect(throws: RecordError.self) {
      _ = try RecordedRun(json: Self.changing(member, to: value))
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "none")")
  }

  private static func changing(_ member: String, to value: JSON) -> JSON {
    var object = record.object ?? JSONObject()
    object[member] = value
    return .object(object)
  }
}
