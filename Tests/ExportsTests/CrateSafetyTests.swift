import Exports
import Foundation
import Lineage
import Primitives
import TestSupport
import Store
import Testing

@Suite("What a crate never does")
struct CrateSafetyTests {
  @Test("writes over or beside what is there", arguments: ["file", "folder/with-something"])
  func occupied(name: String) async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    try archive.folder.write("mine", to: name)
    let target = String(name.prefix { $0 != "/" })
    await #expect(throws: ExportError.self) { try await archive.bundle(run, to: target) }
    #expect(try archive.folder.read(name) == "mine")
  }

  @Test("writes into an empty folder")
  func empty() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    let path = "\(archive.folder.path)/crate"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try await archive.bundle(run)
    #expect(try archive.files().isEmpty == false)
  }

  @Test("takes an object whose bytes are others; nothing is left behind")
  func damaged() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    let object = archive.store.objects.path(of: Digest(of: Archive.markdown))
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: object)
    try Data(Archive.markdown.uppercased().replacing("50", with: "51").utf8)
      .write(to: URL(fileURLWithPath: object))
    await #expect(throws: StoreError.self) { try await archive.bundle(run) }
    let left = try FileManager.default.contentsOfDirectory(atPath: archive.folder.path)
    #expect(left.sorted() == ["cache", "project"])
  }

  @Test("takes an input that was changed since")
  func changedInput() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    // The rows themselves are an object too, so the file is another one here.
    plan.instances[0].outputs = [("rows", "{}\n")]
    plan.instances.removeLast(3)
    let run = try await archive.run(plan)
    try archive.folder.write("changed\n", to: "project/data/rows.jsonl")
    let report = try await archive.bundle(run)
    #expect(report.missingInputs == ["data/rows.jsonl"])
    #expect(try archive.files()["files/data/rows.jsonl"] == nil)
    let id = "#object/\(Digest(of: Archive.rows).hex)"
    #expect(try archive.graph()[id]?["name"]?.string == "data/rows.jsonl")
  }

  @Test("does without the workflow, or takes another for it")
  func changedWorkflow() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    try archive.folder.write("workflow: other\n", to: "project/w.yaml")
    await #expect(throws: ExportError.self) { try await archive.bundle(run) }
    let text = archive.workflowText
    try await archive.bundle(run) { wanted in
      #expect(wanted.pathInRepository == "w.yaml")
      return [.bytes { nil }, .bytes { Array("wrong".utf8) }, .bytes { Array(text.utf8) }]
    }
    #expect(try archive.files()["files/w.yaml"] == Data(text.utf8))
  }

  @Test("leads out of its folder, whatever instances and parts are called")
  func names() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    plan.instances = [
      "../../escape", "/absolute", "a/../../b", "nul", "A", "a", "x\u{202E}y", "line\nend",
      String(repeating: "long", count: 200), "</script>",
    ].enumerated().map { index, name in
      Archive.Made(
        id: name,
        kind: "command",
        outputs: [("../\(name)", "bytes \(index)"), (".hidden", "more \(index)")]
      )
    }
    let run = try await archive.run(plan)
    try await archive.bundle(run)
    let around = try FileManager.default.contentsOfDirectory(atPath: archive.folder.path)
    #expect(around.sorted() == ["cache", "crate", "project"])
    let files = try archive.files()
    let outputs = files.keys.filter { $0.hasPrefix("outputs/") }
    #expect(outputs.count == 20)
    #expect(Set(outputs.map { $0.lowercased() }).count == 20)
    for name in outputs {
      let parts = name.split(separator: "/")
      #expect(parts.allSatisfy { !$0.hasPrefix(".") && $0.utf8.count <= 120 })
      #expect(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }
    for index in 0..<10 { #expect(files.values.contains(Data("bytes \(index)".utf8))) }
  }

  @Test("lets text become markup or reorder a line")
  func markup() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    let hostile = "</script><img src=x onerror=alert(1)> [a](javascript:b) \u{202E}|`x`"
    plan.workflow = hostile
    plan.parameters = .object(JSONObject([(hostile, .string(hostile))]))
    plan.instances[1].facts = ["served_models": [.string(hostile)]]
    plan.instances[1].error = hostile
    let run = try await archive.run(plan)
    try await archive.bundle(run)
    for name in ["ro-crate-metadata.json", "run.json"] {
      let text = try archive.folder.read("crate/\(name)")
      #expect(!text.contains("<") && !text.contains(">"))
      #expect(!text.unicodeScalars.contains("\u{202E}"))
      // Nothing is lost: whoever parses it reads the text itself.
      #expect(try JSON(parsing: text).canonicalText.contains("<img src=x"))
    }
    let page = try archive.folder.read("crate/README.md")
    #expect(!page.contains("<") && !page.contains("[a]") && !page.contains("`x`"))
    #expect(!page.unicodeScalars.contains("\u{202E}"))
  }

  @Test("tells a key, or the folders of the machine")
  func secrets() async throws {
    let canary = "canary-5d41402abc4b2a76"
    let archive = try await Archive()
    var plan = Archive.Plan()
    plan.models = [
      "teacher": [
        "declared": [
          "base_url": .string("https://me:\(canary)@example.net/v1?key=\(canary)"),
          "model": "big", "api_key": .string(canary), "headers": ["X-Key": .string(canary)],
        ],
        "identity": ["model": "big"],
      ]
    ]
    plan.remote = .string("https://user:\(canary)@example.net/team/project.git?t=\(canary)")
    plan.others = ["environment": ["KEY": .string(canary)], "argv": [.string(canary)]]
    let run = try await archive.run(plan)
    try await archive.bundle(run)
    let events = try await RecordedEvents.all(of: run, archive.store, archive.records)
    let texts = try archive.files().values.map { String(decoding: $0, as: UTF8.self) }
    for text in texts + events.map(\.compactText) {
      #expect(!text.contains(canary))
      #expect(!text.contains(archive.folder.path))
    }
    #expect(texts.contains { $0.contains("https://example.net/team/project.git") })
  }
}
