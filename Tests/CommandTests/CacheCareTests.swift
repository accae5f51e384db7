import Foundation
import Primitives
import TestSupport
import Testing

/// `cache verify --repair`, `gc`, `pin`, `export` and `import`, as a user meets them.
@Suite("Cache care")
struct CacheCareTests {
  private func ran() throws -> ScriptedModel {
    let model = try ScriptedModel()
    try model.write()
    #expect(try model.run().status == 0)
    return model
  }

  private func cache(_ model: ScriptedModel, _ arguments: String...) throws -> Distill.Result {
    try Distill.run(["cache"] + arguments, in: model.folder.path)
  }

  @Test("a damaged object is repaired, and nothing is bought again")
  func repair() throws {
    let model = try ran()
    let digest = try #require(try Outputs.digests(ofRunIn: model.folder.path)["answers/rows"])
    let path = "\(model.folder.path)/cache/objects/\(digest.prefix(2))/\(digest.dropFirst(2))"
    chmod(path, 0o600)
    try Data("other bytes".utf8).write(to: URL(fileURLWithPath: path))
    let found = try cache(model, "verify")
    #expect(found.status == 5)
    #expect(found.output.contains("damaged: object \(digest)"))
    #expect(found.output.contains("means: it is never used"))
    let repaired = try cache(model, "verify", "--repair")
    #expect(repaired.status == 0, "\(repaired.output)\(repaired.error)")
    #expect(repaired.output.contains("moved 1 damaged objects away"))
    #expect(repaired.output.contains("quarantine/1"))
    #expect(!repaired.output.contains("lost"))
    let sent = model.server.received.count
    let again = try model.run("--json")
    #expect(again.status == 0)
    #expect(again.calls("made") == 0)
    #expect(model.server.received.count == sent)
  }

  @Test(
    "a broken ledger gives its answers back; the price of lost ones is said before any is bought"
  )
  func salvage() throws {
    let model = try ran()
    let ledger = "\(model.folder.path)/cache/ledger.sqlite"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute('PRAGMA wal_checkpoint(TRUNCATE)');"
        + " d.execute('UPDATE answers SET body = NULL WHERE id = (SELECT min(id) FROM answers)');"
        + " d.commit(); d.execute('PRAGMA wal_checkpoint(TRUNCATE)'); d.close();"
        + " f=open(sys.argv[1],'r+b'); f.write(bytes(100)); f.close()", ledger,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try cache(model, "verify").status == 5)
    let repaired = try cache(model, "verify", "--repair")
    #expect(repaired.status == 0, "\(repaired.output)\(repaired.error)")
    #expect(repaired.output.contains("lost: 1 answer"))
    #expect(repaired.output.contains("nothing was bought"))
    let fresh = try Distill.run("cache", "stats", "--json", in: model.folder.path)
    #expect(fresh.summary["attempts"]?["answered"]?["count"]?.int == 4)
  }

  @Test("a run goes with gc, stays with a pin, and comes back from its archive")
  func travels() throws {
    let model = try ran()
    let run = try #require(
      try Distill.run("runs", "--json", in: model.folder.path).summary["runs"]?.array?.first?["id"]?
        .string
    )
    let exported = try cache(model, "export", "last", "-o", "run.tar")
    #expect(exported.status == 0, "\(exported.error)")
    #expect(exported.output.contains("5 calls with 5 answers"))

    let pinned = try cache(model, "pin", "last")
    #expect(pinned.output == "run \(run): pinned\n")
    let kept = try cache(model, "gc", "--run", run, "--grace", "0s")
    #expect(kept.output.contains("run \(run) stays: it is pinned"))
    #expect(try cache(model, "unpin", run).status == 0)
    let dry = try cache(model, "gc", "--run", run, "--grace", "0s")
    #expect(dry.output.contains("could be removed (--apply does it)"))
    #expect(dry.output.contains("refs/distill/runs/\(run)"))
    let gone = try cache(model, "gc", "--run", run, "--grace", "0s", "--answers", "--apply")
    #expect(gone.status == 1)
    #expect(gone.error.contains("5 answers would go"))
    let agreed = try cache(
      model,
      "gc",
      "--run",
      run,
      "--grace",
      "0s",
      "--answers",
      "--give-up",
      "1",
      "--apply"
    )
    #expect(agreed.status == 0, "\(agreed.error)")
    #expect(try Distill.run("show", "last", in: model.folder.path).status == 2)

    let imported = try cache(model, "import", "run.tar")
    #expect(imported.status == 0, "\(imported.error)")
    #expect(imported.output.contains("run \(run) imported"))
    let sent = model.server.received.count
    #expect(try model.run("--json").calls("made") == 0)
    #expect(model.server.received.count == sent)
    #expect(try cache(model, "verify").status == 0)

    try model.folder.write("no archive", to: "bad.tar")
    let refused = try cache(model, "import", "bad.tar")
    #expect(refused.status == 1)
    #expect(refused.error.contains("is refused"))
    #expect(refused.error.contains("nothing was taken over"))
  }

  @Test(
    "a disk of 16 MB fills up: every answer that was sent for is stored, and nothing more is sent",
    .enabled(if: SmallDisk.isAllowed, "no file system may be mounted here")
  )
  func fullDisk() throws {
    let text = (0..<41_000).map(String.init).joined(separator: " ") + " The answer is 7."
    let model = try ScriptedModel(rows: 90) { _ in .answer(200, ScriptedModel.body(text)) }
    try model.write()
    let disk = SmallDisk(folder: model.folder)
    let ends = try disk.runTwice(small: "16m", large: "256m") { model.server.received.count }
    #expect(ends.first.status == 1)
    #expect((ends.first.error + ends.first.output).contains("free some space and run again"))
    #expect(ends.sentBefore > 10)
    #expect(ends.sentBefore < 90)
    #expect(ends.recordedBefore == ends.sentBefore)
    #expect(ends.second.status == 0, "\(ends.second.error)")
    #expect(ends.second.calls("made") == 90 - ends.recordedBefore)
    #expect(ends.verify.status == 0, "\(ends.verify.output)")
  }
}
