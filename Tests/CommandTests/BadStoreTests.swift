import Foundation
import Primitives
import TestSupport
import Testing

/// Stores that are full, damaged or from another time.
@Suite("Bad stores")
struct BadStoreTests {
  @Test("a cache from a newer version: told so, nothing is written, nothing is sent")
  func newerVersion() throws {
    let model = try ScriptedModel()
    try model.write()
    #expect(try model.run().status == 0)
    let sent = model.server.received.count
    try model.folder.write("{\"format\":3}\n", to: "cache/distill.json")
    let before = try FolderState(of: "\(model.folder.path)/cache")
    for arguments in [["run", "w.yaml"], ["plan", "w.yaml"], ["status"], ["cache", "gc"]] {
      let result = try Distill.run(arguments, in: model.folder.path)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.error.contains("has format 3, this release reads up to 2"), "\(arguments)")
      #expect(result.error.contains("another folder with --cache"), "\(arguments)")
    }
    #expect(try FolderState(of: "\(model.folder.path)/cache") == before)
    #expect(model.server.received.count == sent)
  }

  @Test("a damaged object is never used: exit 5, it is named, and is made again for nothing")
  func damagedObject() throws {
    let model = try ScriptedModel()
    try model.write()
    #expect(try model.run().status == 0)
    let digest = try #require(try Outputs.digests(ofRunIn: model.folder.path)["answers/rows"])
    let path = "\(model.folder.path)/cache/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    try flipByte(of: path)

    try model.write(ScriptedModel.generate + "  labels: {kind: parse, completions: answers}\n")
    let damaged = try model.run()
    #expect(damaged.status == 5)
    #expect(damaged.error.contains("object \(digest) is damaged"), "\(damaged.error)")
    #expect(damaged.error.contains("remove that file, then 'distill run' makes it again"))
    let verified = try Distill.run("cache", "verify", in: model.folder.path)
    #expect(verified.status == 5)
    #expect(verified.output.contains("damaged: object \(digest)"), "\(verified.output)")
    #expect(try Distill.run("get", "last", "answers", in: model.folder.path).status == 5)

    try FileManager.default.removeItem(atPath: path)
    let mended = try model.run("--json")
    #expect(mended.status == 0)
    #expect(mended.calls("made") == 0)
    #expect(model.server.received.count == 5)
    #expect(try Outputs.digests(ofRunIn: model.folder.path)["answers/rows"] == digest)
    #expect(try Distill.run("cache", "verify", in: model.folder.path).status == 0)
  }

  private func flipByte(of path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    let url = URL(fileURLWithPath: path)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: url)
  }

  @Test(
    "a full disk: the run stops and says so; with space again it goes on and pays for nothing twice",
    .enabled(if: SmallDisk.isAllowed, "no file system may be mounted here")
  )
  func fullDisk() throws {
    // Twelve answers of 240 KB fill a disk of 4 MB.
    let text = (0..<41_000).map(String.init).joined(separator: " ") + " The answer is 7."
    let model = try ScriptedModel(rows: 40) { _ in .answer(200, ScriptedModel.body(text)) }
    try model.write()
    let disk = SmallDisk(folder: model.folder)
    let ends = try disk.runTwice(small: "4m", large: "256m") { model.server.received.count }

    #expect(ends.first.status == 1)
    let said = ends.first.error + ends.first.output
    #expect(said.contains("no space is left"), "\(said)")
    #expect(said.contains("free some space and run again"), "\(said)")
    // It stopped sending; those in flight could not all be recorded.
    #expect(ends.sentBefore < 40)
    #expect(ends.recordedBefore > 0)
    #expect(ends.recordedBefore >= ends.sentBefore - 4)

    #expect(ends.second.status == 0, "\(ends.second.error)")
    #expect(ends.second.calls("made") == 40 - ends.recordedBefore)
    #expect(ends.second.calls("reused") == ends.recordedBefore)
    #expect(ends.verify.status == 0, "\(ends.verify.output)")

    let ample = try model.run("--cache", "ample", "--json")
    #expect(ample.status == 0)
    #expect(
      try Outputs.digests(ofRunIn: model.folder.path, cache: "ample")["answers/rows"]
        == ends.answers
    )
  }
}

/// Paths below a folder with the sizes, times and bytes of their files.
private struct FolderState: Equatable {
  private let entries: [String: Digest]
  private let times: [String: Date]

  init(of folder: String) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    var entries: [String: Digest] = [:]
    var times: [String: Date] = [:]
    for name in names {
      let path = "\(folder)/\(name)"
      entries[name] = Digest(of: Array(FileManager.default.contents(atPath: path) ?? Data()))
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      times[name] = attributes[.modificationDate] as? Date
    }
    self.entries = entries
    self.times = times
  }
}
