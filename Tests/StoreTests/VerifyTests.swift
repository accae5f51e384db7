import Foundation
import Primitives
import Store
import TestSupport
import Testing

@Suite struct VerifyTests {
  @Test func aStoreInOrderIsSound() async throws {
    let test = try await filled()
    let report = try await test.store.verify()
    #expect(report.problems.isEmpty)
    #expect(report.objects == 4)
    #expect(report.answers == 2)
  }

  @Test func everyFlippedByteOfAnObjectIsFound() async throws {
    let test = try await filled()
    let object = try await test.store.objects.put("twenty bytes of data")
    let path = test.store.objects.path(of: object.digest)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 1
      try FileManager.default.removeItem(atPath: path)
      try bytes.write(to: URL(fileURLWithPath: path))
      let kinds = try await test.store.verify().problems.map(\.kind)
      #expect(kinds == [.damagedObject], "byte \(index)")
    }
  }

  @Test func whatIsMissingSwappedOrForeignIsFound() async throws {
    let test = try await filled()
    let objects = test.store.objects
    let one = objects.path(of: Digest(of: "output one"))
    let two = objects.path(of: Digest(of: "output two"))
    try FileManager.default.moveItem(atPath: one, toPath: one + "x")
    try FileManager.default.moveItem(atPath: two, toPath: one)
    try FileManager.default.moveItem(atPath: one + "x", toPath: two)
    try test.folder.write("?", to: "cache/objects/notes.txt")
    try FileManager.default.removeItem(atPath: objects.path(of: Digest(of: long)))
    let report = try await test.store.verify()
    #expect(
      report.problems.map(\.kind).sorted { $0.rawValue < $1.rawValue }
        == [.damagedObject, .damagedObject, .foreignFile, .missingAnswer]
    )
    try FileManager.default.removeItem(atPath: one)
    let again = try await test.store.verify()
    #expect(again.problems.filter { $0.kind == .missingOutput }.count == 1)
  }

  @Test func aChangedAnswerIsFound() async throws {
    let test = try await filled()
    try runSQLite(
      "\(test.path)/ledger.sqlite",
      "UPDATE answers SET body = x'41' WHERE body IS NOT NULL"
    )
    #expect(try await test.store.verify().problems.map(\.kind) == [.damagedAnswer])
  }

  @Test func aBrokenDatabaseIsFound() async throws {
    let test = try await filled()
    await test.store.close()
    let path = "\(test.path)/ledger.sqlite"
    try runSQLite(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    // Page 3 onwards: the tables, behind the schema.
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    handle.seek(toFileOffset: 2 * 4096)
    handle.write(Data(repeating: 0x5A, count: 4096 * 6))
    try handle.close()
    let store = try await test.another()
    #expect(try await store.verify().problems.contains { $0.kind == .damagedDatabase })
  }

  @Test func statsCountWhatIsThere() async throws {
    let test = try await filled()
    let open = try #require(try await test.store.ledger.claim(call("open")).attempt)
    try await test.store.ledger.leaveInDoubt(open, detail: nil)
    let stats = try await test.store.stats()
    #expect(stats.objects == 4)
    #expect(stats.results == 1)
    #expect(stats.calls == 3)
    #expect(stats.inDoubt == 1)
    #expect(stats.attempts["answered"]?.count == 2)
    #expect(stats.attempts["answered"]?.completionTokens == 5 + long.utf8.count)
    #expect(stats.attempts["open"]?.count == 1)
  }

  @Test func gcRemovesOnlyWhatNothingNames() async throws {
    let test = try await filled()
    let store = test.store
    let named = try await store.objects.put("named by a manifest")
    let manifest = try await store.objects.put(#"{"files":["sha256:\#(named.digest.hex)"]}"#)
    let run = try await store.runs.begin(workflow: "w", commit: nil)
    try await run.writeRecord(["manifest": .string(manifest.digest.hex)])
    let garbage = try await store.objects.put("garbage")
    #expect(try await store.gc(dryRun: true).youngObjects == 1)
    var selection = GCSelection()
    selection.minimumAge = 0
    let young = selection
    try test.folder.write("half", to: "cache/objects/temp-dead-1")

    let dry = try await store.gc(young, dryRun: true)
    #expect(dry.removable == [garbage])
    #expect(dry.temporaries.count == 1)
    #expect(dry.bytes == 7)
    #expect(store.objects.contains(garbage))

    let other = try await test.another()
    await #expect(throws: StoreError.inUse(path: test.path)) {
      _ = try await store.gc(young, dryRun: false)
    }
    await other.close()
    #expect(try await store.gc(young, dryRun: false).removed)
    #expect(!store.objects.contains(garbage))
    #expect(store.objects.contains(named))
    #expect(try await store.verify().isSound)
    #expect(try await store.gc(young, dryRun: false).removable.isEmpty)
  }

  private let long = String(repeating: "answer ", count: 50_000)

  /// One result with two outputs, and two answers, of which one is an object.
  private func filled() async throws -> TestStore {
    let test = try await TestStore()
    let key = try await test.store.results.putPreimage(["kind": "x"])
    let one = try await test.store.objects.put("output one")
    let two = try await test.store.objects.put("output two")
    try await test.store.results.record(
      key: key,
      kind: "x",
      outputs: [("one", one), ("two", two)],
      facts: [:],
      runID: "run-1"
    )
    for text in ["short", long] {
      let attempt = try #require(
        try await test.store.ledger.claim(call("a \(text.count)")).attempt
      )
      try await test.store.ledger.settle(attempt, text: text)
    }
    return test
  }
}
