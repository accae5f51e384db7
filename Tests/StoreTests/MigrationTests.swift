import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// A store of format 1 keeps everything when it becomes one of format 2, whenever that is killed.
@Suite struct MigrationTests {
  private static let states = [
    "answered", "truncated", "refused", "filtered", "rejected", "empty", "tool-call",
    "unknown-finish",
  ]

  @Test func everythingIsThereAfterwards() async throws {
    let folder = try TemporaryFolder()
    let path = try FormatOne.make(in: folder)
    let store = try await Store.open(at: path, mode: .existing)
    try await expectWhole(store)
    #expect(try folder.read("cache/distill.json") == "{\n  \"format\": 2\n}\n")
    #expect(try Recount.differences(path) == "")
    #expect(try await store.runs.list().map(\.id) == ["20261121-065812-0a1b2c"])
  }

  @Test func itsTablesAreThoseOfANewStore() async throws {
    let folder = try TemporaryFolder()
    let path = try FormatOne.make(in: folder)
    let store = try await Store.open(at: path, mode: .existing)
    await store.close()
    let new = try await TestStore()
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
    let version = "PRAGMA user_version"
    for question in [sql, version] {
      #expect(
        try runSQLite("\(path)/ledger.sqlite", question)
          == runSQLite("\(new.path)/ledger.sqlite", question)
      )
    }
    let ids = try [path, new.path].map {
      try runSQLite("\($0)/ledger.sqlite", "SELECT value FROM meta WHERE name = 'store'")
    }
    #expect(ids[0].utf8.count == 33)
    #expect(ids[0] != ids[1])
  }

  @Test func workGoesOn() async throws {
    let folder = try TemporaryFolder()
    let store = try await Store.open(at: try FormatOne.make(in: folder), mode: .existing)
    let ledger = store.ledger
    #expect(try await ledger.claim(call("answered")).answer != nil)
    #expect(try await ledger.claim(call("released")).attempt?.number == 2)
    #expect(try await ledger.claim(call("doubtful"), resendInDoubt: true).attempt?.number == 3)
    let again = try #require(
      try await ledger.claim(call("twice", run: "run-3"), fresh: true).attempt
    )
    #expect(again.number == 3)
    try await ledger.settle(again, text: "third")
    #expect(try await ledger.answer(for: again.key)?.body == Array("third".utf8))
    #expect(try await store.verify().isSound)
  }

  @Test func damageStaysVisible() async throws {
    let folder = try TemporaryFolder()
    let path = try FormatOne.make(in: folder)
    let body = #"{"state":"empty","text":"!"}"#
    try runSQLite(
      "\(path)/ledger.sqlite",
      "UPDATE attempts SET answer = CAST('\(body)' AS BLOB) WHERE id = 6"
    )
    let store = try await Store.open(at: path, mode: .existing)
    #expect(try await store.verify().problems.map(\.kind) == [.damagedAnswer])
    await #expect(throws: StoreError.self) {
      _ = try await store.ledger.answer(for: Digest(of: "empty"))
    }
  }

  @Test func aReaderLeavesItAsItIs() async throws {
    let folder = try TemporaryFolder()
    let path = try FormatOne.make(in: folder)
    let store = try await Store.open(at: path, mode: .readOnly)
    #expect(try await store.runs.list().count == 1)
    await #expect(throws: StoreError.olderFormat(path: path, found: 1, supported: 2)) {
      _ = try await store.ledger.inDoubt()
    }
    #expect(try folder.read("cache/distill.json") == #"{"format": 1}"#)
  }

  @Test func aMarkerThatIsBehindIsPutRight() async throws {
    let folder = try TemporaryFolder()
    let path = try FormatOne.make(in: folder)
    await (try await Store.open(at: path, mode: .existing)).close()
    try folder.write(#"{"format": 1}"#, to: "cache/distill.json")
    let store = try await Store.open(at: path, mode: .existing)
    try await expectWhole(store)
    #expect(try folder.read("cache/distill.json") == "{\n  \"format\": 2\n}\n")
  }

  @Test func aProcessThatKnowsOnlyTheOldTablesIsNotPulledFromUnder() async throws {
    let folder = try TemporaryFolder()
    let path = try FormatOne.make(in: folder)
    let old = Process()
    old.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let script = """
      import fcntl, sys, time
      use = open(sys.argv[1], "w")
      fcntl.flock(use, fcntl.LOCK_SH)
      print("held", flush=True)
      time.sleep(600)
      """
    old.arguments = ["python3", "-c", script, "\(path)/locks/use"]
    let pipe = Pipe()
    old.standardOutput = pipe
    try old.run()
    _ = try pipe.fileHandleForReading.read(upToCount: 1)
    await #expect(throws: StoreError.inUse(path: path)) {
      _ = try await Store.open(at: path, mode: .existing)
    }
    #expect(try runSQLite("\(path)/ledger.sqlite", "PRAGMA user_version") == "1\n")
    kill(old.processIdentifier, SIGKILL)
    old.waitUntilExit()
    try await expectWhole(try await Store.open(at: path, mode: .existing))
  }

  /// Killed at each write, sync and rename of the migration in turn, from a fresh copy.
  @Test(.enabled(if: Strace.isAllowed, "strace is missing, or may not trace"))
  func noKillLosesAnything() async throws {
    var number = 1
    while true {
      let folder = try TemporaryFolder()
      let path = try FormatOne.make(in: folder)
      guard try Strace.kill(.opening, store: path, atChange: number) else { break }
      let store = try await Store.open(at: path, mode: .existing)
      try await expectWhole(store)
      await store.close()
      number += number < 6 ? 1 : 3
    }
    #expect(number > 6, "the migration makes more changes than that")
  }

  private func expectWhole(
    _ store: Store,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let ledger = store.ledger
    for state in Self.states {
      let answer = try #require(try await ledger.answer(for: Digest(of: state)))
      #expect(answer.outcome.rawValue == state, sourceLocation: location)
      #expect(answer.tokens == TokenCounts(prompt: 7, completion: 9), sourceLocation: location)
      #expect(answer.servedModel == "served-1", sourceLocation: location)
      #expect(answer.runID == "run-1", sourceLocation: location)
    }
    let answered = try await ledger.answer(for: Digest(of: "answered"))
    #expect(answered?.cost == Money(nanos: 12_000), sourceLocation: location)
    let twice = try await ledger.answer(for: Digest(of: "twice"))
    #expect(twice?.body == Array("new".utf8), sourceLocation: location)
    #expect(try await ledger.attempts(of: Digest(of: "twice")).count == 2, sourceLocation: location)
    let request = try await ledger.request(of: Digest(of: "killed"))
    #expect(request == Array(#"{"prompt":"killed"}"#.utf8), sourceLocation: location)
    let doubts = try await ledger.inDoubt()
    let keys = [Digest(of: "doubtful"), Digest(of: "killed")]
    #expect(doubts.map(\.key) == keys, sourceLocation: location)
    #expect(doubts.map(\.resends) == [1, 0], sourceLocation: location)
    #expect(doubts.map(\.attempt.number) == [2, 1], sourceLocation: location)
    #expect(doubts.first?.detail == #"{"message":"reset"}"#, sourceLocation: location)
    #expect(try await ledger.jobs().map(\.remoteID) == ["ftjob-1"], sourceLocation: location)
    let spending = try await ledger.spending(account: Budget.run("run-1"))
    #expect(spending.settled == Money(nanos: 12_000), sourceLocation: location)
    #expect(try await store.verify().isSound, sourceLocation: location)
  }
}
