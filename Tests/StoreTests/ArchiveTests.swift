import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// A run travels whole, and nothing comes in that is not right.
@Suite struct ArchiveTests {
  @Test func aRunArrivesWithAllItNeeds() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 1)
    let other = try await TestStore()
    let report = try await other.store.importArchive(archive.path)
    #expect(report.isNewRun)
    #expect(report.run == sample.runs[1])
    #expect(report.results == 1)
    #expect(report.answers == SampleStore.answersPerRun)
    #expect(report.otherAnswers == 0)
    let key = sample.results[1]
    let result = try #require(try await other.store.results.lookup(key))
    #expect(result["rows"]?.digest == Digest(of: "rows of run 1\n"))
    #expect(try await other.store.results.preimage(key)?["kind"]?.string == "generate")
    #expect(other.store.objects.find(Digest(of: "input of 1")) != nil)
    for index in 0..<SampleStore.answersPerRun {
      let key = Digest(of: "call 1.\(index)")
      let found = try #require(try await other.store.ledger.claim(call("call 1.\(index)")).answer)
      #expect(found.body == sample.answers[key]?.body)
      #expect(found.cost == Money(usd: 0.001))
    }
    #expect(try await other.store.ledger.answer(for: Digest(of: "call 0.0")) == nil)
    let run = try await other.store.runs.find(sample.runs[1])
    #expect(run.status == .succeeded)
    #expect(run.commit == "c1")
    #expect(try await other.store.runs.folder(run.id).readEvents().count == 2)
    // It was spent elsewhere: for the run, and for no workflow's budget.
    let ledger = other.store.ledger
    #expect(try await ledger.spending(account: SampleStore.workflow) == Spending())
    #expect(
      try await ledger.spending(account: Budget.run(run.id)).settled == Money(usd: 0.008)
    )
    #expect(try await other.store.verify().problems == [])
    #expect(try Recount.differences(other.path) == "")
  }

  @Test func theSameRunGivesTheSameBytes() async throws {
    let sample = try await SampleStore.make()
    let one = try await export(sample, run: 0)
    let two = try await export(sample, run: 0)
    #expect(one.bytes == two.bytes)
    #expect(one.bytes.count % 512 == 0)
    // From where it was imported it goes out as it came.
    let other = try await TestStore()
    _ = try await other.store.importArchive(one.path)
    let path = "\(other.folder.path)/again.tar"
    _ = try await other.store.export(run: sample.runs[0], to: path)
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == one.bytes)
    // And other programs read it.
    let names = try runTool(["tar", "-tf", one.path]).split(separator: "\n")
    #expect(names.first == "runs/\(sample.runs[0])/events.jsonl")
    #expect(names.last == "distill-run.json")
  }

  @Test func doingItAgainChangesNothing() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 2)
    let copy = try sample.copy()
    let home = try await copy.reopened()
    let report = try await home.importArchive(archive.path)
    #expect(!report.isNewRun)
    let news: [Int] = [report.objects, report.results, report.answers, report.newAttempts]
    #expect(news == [0, 0, 0, 0])
    await home.close()
    #expect(try await copy.expectOnlyTruth() == 24)
    let other = try await TestStore()
    _ = try await other.store.importArchive(archive.path)
    let again = try await other.store.importArchive(archive.path)
    #expect(again.newAttempts == 0)
    #expect(again.objects == 0)
    #expect(try Recount.differences(other.path) == "")
  }

  @Test func anotherAnswerIsKeptBeforeTheOneThatIsHere() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 0)
    let other = try await TestStore()
    let ledger = other.store.ledger
    let attempt = try #require(try await ledger.claim(call("call 0.3")).attempt)
    try await ledger.settle(attempt, text: "mine")
    let open = try #require(try await ledger.claim(call("call 0.4")).attempt)
    try await ledger.leaveInDoubt(open, detail: nil)
    let report = try await other.store.importArchive(archive.path)
    #expect(report.otherAnswers == 1)
    let key = Digest(of: "call 0.3")
    #expect(try await ledger.answer(for: key)?.body == Array("mine".utf8))
    #expect(try await ledger.attempts(of: key).map(\.number) == [1, 2])
    let detail = try await ledger.callDetail(key.hex)
    #expect(detail.attempts.first?.body == sample.answers[key]?.body)
    #expect(detail.attempts.last?.body == Array("mine".utf8))
    // What was in doubt here is answered now, and still to be settled.
    #expect(try await ledger.claim(call("call 0.4")).answer?.body == Array("answer 0.4".utf8))
    #expect(try await ledger.inDoubt().map(\.attempt.number) == [2])
    #expect(try await other.store.verify().problems == [])
    #expect(try Recount.differences(other.path) == "")
  }

  @Test func whatWasLostToDamageComesBack() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 1)
    let copy = try sample.copy()
    try runSQLite(
      "\(copy.path)/ledger.sqlite",
      "UPDATE answers SET body = x'00' WHERE body NOT NULL"
    )
    let repaired = try await Store.repair(at: copy.path)
    #expect(repaired.lost.count == 22)
    let store = try await copy.reopened()
    let before = try await store.ledger.spending(account: SampleStore.workflow)
    let report = try await store.importArchive(archive.path)
    #expect(report.answers == 7)
    #expect(report.newAttempts == 0)
    #expect(try await store.ledger.spending(account: SampleStore.workflow) == before)
    await store.close()
    #expect(try await copy.expectOnlyTruth() == 3 + 7)
    #expect(try Recount.differences(copy.path) == "")
  }

  @Test func noPieceOfAnArchiveIsTakenOver() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 0)
    let other = try await TestStore()
    var sizes = Array(stride(from: 0, to: archive.bytes.count, by: 512 * 97))
    sizes += (1...8).map { archive.bytes.count - $0 * 300 }
    for size in sizes {
      let path = "\(other.folder.path)/cut.tar"
      try Data(archive.bytes[..<size]).write(to: URL(fileURLWithPath: path))
      await expectRefused(path, other, "\(size) bytes")
    }
    #expect(try await other.store.stats().objects == 0)
    #expect(try await other.store.stats().calls == 0)
    #expect(try await other.store.runs.list().isEmpty)
  }

  @Test func noFlippedBitIsTakenOver() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 0)
    let other = try await TestStore()
    var generator = SeededGenerator(seed: 7)
    let full = ProcessInfo.processInfo.environment["DISTILL_PROVE"] == "full"
    for _ in 0..<(full ? 2000 : 60) {
      let bit = Int.random(in: 0..<archive.bytes.count * 8, using: &generator)
      var bytes = archive.bytes
      bytes[bit / 8] ^= 1 << (bit % 8)
      let path = "\(other.folder.path)/flipped.tar"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      await expectRefused(path, other, "bit \(bit)")
    }
    #expect(try await other.store.stats().objects == 0)
  }

  /// Archives made by another program, each with one trick.
  @Test(arguments: [
    "../evil", "/etc/evil", "runs/../../evil", "objects/ab/../../../evil", "runs/r/logs/../x.log",
    "runs/r/x.sh", "calls/1.jsonl", "distill.json",
    "objects/AB/\(String(repeating: "c", count: 62))",
    "runs/r/logs/a b.log", "\(String(repeating: "a/", count: 200))b", "SYMLINK", "HARDLINK",
    "FOLDER", "TWICE", "LONG",
  ])
  func tricksWithNamesAreRefused(_ trick: String) async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 0)
    let other = try await TestStore()
    let path = "\(other.folder.path)/trick.tar"
    try runTool(["python3", "-c", Self.trickster, archive.path, path, trick])
    await expectRefused(path, other, "\(trick)")
    #expect(try await other.store.stats().objects == 0)
    #expect(try await other.store.runs.list().isEmpty)
  }

  @Test func anArchiveMadeAgainWithoutTricksIsTaken() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 0)
    let other = try await TestStore()
    let path = "\(other.folder.path)/copy.tar"
    try runTool(["python3", "-c", Self.trickster, archive.path, path, "NONE"])
    #expect(try await other.store.importArchive(path).isNewRun)
  }

  private static let trickster = """
    import io, sys, tarfile
    # What Python pads an archive with is a trick of its own.
    tarfile.RECORDSIZE = 512
    source, target, trick = sys.argv[1:]
    old = tarfile.open(source)
    new = tarfile.open(target, "w", format=tarfile.PAX_FORMAT)
    def add(name, data, type=tarfile.REGTYPE, link=""):
        info = tarfile.TarInfo(name)
        info.size, info.type, info.linkname = len(data), type, link
        new.addfile(info, io.BytesIO(data))
    types = {"SYMLINK": tarfile.SYMTYPE, "HARDLINK": tarfile.LNKTYPE, "FOLDER": tarfile.DIRTYPE}
    members = old.getmembers()
    log = members[0].name.rsplit("/", 1)[0] + "/logs/"
    if trick in types:
        add(log + "x.log", b"", types[trick], "/etc/passwd")
    elif trick == "TWICE":
        add(members[0].name, old.extractfile(members[0]).read())
    elif trick == "LONG":
        add(log + "x" * 300 + ".log", b"x")
    elif trick != "NONE":
        add(trick, b"x")
    for member in members:
        add(member.name, old.extractfile(member).read())
    new.close()
    """

  @Test func aForgedAnswerIsRefused() async throws {
    let sample = try await SampleStore.make()
    let archive = try await export(sample, run: 0)
    let other = try await TestStore()
    let path = "\(other.folder.path)/forged.tar"
    try runTool(["python3", "-c", Self.forger, archive.path, path])
    let error = await expectRefused(path, other, "forged")
    #expect(error?.description.contains("an answer is not what was sealed") == true)
  }

  /// Changes an answer, and every digest over it but the seal.
  private static let forger = """
    import hashlib, io, json, sys, tarfile
    old = tarfile.open(sys.argv[1])
    new = tarfile.open(sys.argv[2], "w", format=tarfile.USTAR_FORMAT)
    digests = {}
    for member in old.getmembers():
        data = old.extractfile(member).read()
        if member.name.startswith("calls/"):
            data = data.replace(b"answer 0.1", b"answer 9.9")
        if member.name == "distill-run.json":
            manifest = json.loads(data)
            for entry in manifest["entries"]:
                entry["sha256"] = digests[entry["path"]]
            data = json.dumps(manifest).encode()
        digests[member.name] = hashlib.sha256(data).hexdigest()
        info = tarfile.TarInfo(member.name)
        info.size = len(data)
        new.addfile(info, io.BytesIO(data))
    new.close()
    """

  // MARK: Helpers

  private struct Exported {
    let folder: TemporaryFolder
    let path: String
    let bytes: [UInt8]
  }

  private func export(_ sample: SampleStore, run: Int) async throws -> Exported {
    let folder = try TemporaryFolder()
    let store = try await Store.open(at: sample.path, mode: .readOnly)
    let path = "\(folder.path)/run.tar"
    let report = try await store.export(run: sample.runs[run], to: path)
    await store.close()
    #expect(report.calls == SampleStore.answersPerRun)
    #expect(report.objects == 5, "preimage, two outputs, an input, a long answer")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["run.tar"])
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return Exported(folder: folder, path: path, bytes: bytes)
  }

  @discardableResult
  private func expectRefused(
    _ path: String,
    _ other: TestStore,
    _ comment: Comment,
    at location: SourceLocation = #_sourceLocation
  ) async -> StoreError? {
    let error = await #expect(throws: StoreError.self, comment, sourceLocation: location) {
      _ = try await other.store.importArchive(path)
    }
    guard case .refusedArchive = error else {
      Issue.record("\(comment): \(String(describing: error))", sourceLocation: location)
      return error
    }
    return error
  }
}
