import Foundation
import Primitives
import TestSupport
import Testing

@Suite("Import")
struct ImportTests {
  private let folder: TemporaryFolder
  private static let text = #"{"id":"1","question":"what?"}"# + "\n"

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Self.text, to: "2024 Rows.jsonl")
  }

  private func distill(_ arguments: String...) throws -> Distill.Result {
    let (process, outputs) = try Distill.start(arguments + ["--cache", "cache"], in: folder.path)
    process.waitUntilExit()
    return Distill.Result(
      status: process.terminationStatus,
      output: try outputs.read("out"),
      error: try outputs.read("err")
    )
  }

  @Test("a file that was imported stands for what is published, without a network")
  func offline() throws {
    let digest = Digest(of: Self.text).hex
    let result = try distill("import", "2024 Rows.jsonl")
    #expect(result.status == 0, "\(result.error)")
    #expect(
      result.output == """
        '2024 Rows.jsonl': 30 B, in the store now, pinned
          data:
            kind: dataset
            format: jsonl
            url: https://…    # where it is published; these bytes are not fetched
            sha256: \(digest)

        """
    )
    // No name can be looked up there, and none is.
    try folder.write(
      """
      nodes:
        data: {kind: dataset, format: jsonl, url: "https://data.invalid/rows.jsonl", sha256: \(digest)}

      """,
      to: "w.yaml"
    )
    #expect(try distill("run", "w.yaml").status == 0)
    #expect(try distill("run", "w.yaml", "--frozen").status == 0)
  }

  @Test("it is pinned, so that no collection takes it before it is unpinned")
  func pinned() throws {
    let digest = Digest(of: Self.text).hex
    let json = try distill("import", "2024 Rows.jsonl", "--json").summary
    #expect(json["files"]?.array?.first?["sha256"]?.string == digest)
    #expect(json["files"]?.array?.first?["new"] == true)
    #expect(
      try distill("import", "2024 Rows.jsonl", "--json").summary["files"]?.array?.first?["new"]
        == false
    )
    #expect(try distill("cache", "pins").output == "object \(digest)\n")
    let object = "cache/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    // Objects younger than an hour stay anyway.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)],
      ofItemAtPath: "\(folder.path)/\(object)"
    )
    #expect(try distill("cache", "gc", "--apply").status == 0)
    #expect(try folder.read(object) == Self.text)
    #expect(try distill("cache", "unpin", digest).status == 0)
    #expect(try distill("cache", "gc", "--apply").status == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/\(object)"))
  }

  @Test("what is no file is refused, all of it at once, and nothing is taken")
  func refused() throws {
    let result = try distill("import", "2024 Rows.jsonl", "gone.csv", ".")
    #expect(result.status == 2)
    #expect(result.error.contains("there is no file 'gone.csv'"))
    #expect(result.error.contains("'.' is a folder"))
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/cache"))
  }
}
