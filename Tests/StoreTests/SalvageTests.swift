import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// A damaged ledger or index gives back what is whole, and never anything else.
@Suite struct SalvageTests {
  private static let trials =
    ProcessInfo.processInfo.environment["DISTILL_PROVE"] == "full" ? 2000 : 40

  /// Random bits of both databases: what is served is as it was, found damaged or counted lost.
  @Test(arguments: ["ledger.sqlite", "index.sqlite"])
  func flippedBits(_ name: String) async throws {
    let sample = try await SampleStore.make()
    let size = try sample.copy().bytes(of: name).count
    var generator = SeededGenerator(seed: 41)
    var damaged = 0
    for _ in 0..<Self.trials {
      let copy = try sample.copy()
      let bit = Int.random(in: 0..<size * 8, using: &generator)
      try copy.flip(name, bit: bit)
      let found = try await Store.verify(at: copy.path)
      if !found.isSound { damaged += 1 }
      let report = try await Store.repair(at: copy.path)
      #expect(try await Store.verify(at: copy.path).problems == [], "bit \(bit)")
      let served = try await copy.expectOnlyTruth()
      // One page is damaged, and an answer lies on two: its own and its attempt's.
      #expect(served >= 24 - report.lost.count, "bit \(bit)")
      #expect(try Recount.differences(copy.path) == "", "bit \(bit)")
    }
    #expect(damaged > 0)
  }

  /// Each page of the ledger made zero in turn: only what lay on it is lost.
  @Test func zeroedPages() async throws {
    let sample = try await SampleStore.make()
    let pages = try sample.copy().bytes(of: "ledger.sqlite").count / 4096
    var servedAll = 0
    for page in 0..<pages {
      let copy = try sample.copy()
      var bytes = try copy.bytes(of: "ledger.sqlite")
      for index in page * 4096..<(page + 1) * 4096 { bytes[index] = 0 }
      try copy.replace("ledger.sqlite", with: bytes)
      let found = try await Store.verify(at: copy.path)
      let report = try await Store.repair(at: copy.path)
      let served = try await copy.expectOnlyTruth()
      #expect(served == 24 || !found.isSound, "page \(page)")
      #expect(served == 24 || report.lost.count > 0 || report.lost.mayBeMore, "page \(page)")
      if served == 24 { servedAll += 1 }
      #expect(try await Store.verify(at: copy.path).problems == [], "page \(page)")
      // What was spent stays spent, so that no budget grows by damage.
      let store = try await copy.reopened()
      let spending = try await store.ledger.spending(account: SampleStore.workflow)
      #expect(spending.committed >= sample.spending.committed || report.lost.mayBeMore || page > 0)
      await store.close()
    }
    #expect(servedAll > pages / 2)
  }

  @Test func aLedgerCutOffAtEveryPage() async throws {
    let sample = try await SampleStore.make()
    let whole = try sample.copy().bytes(of: "ledger.sqlite")
    for size in stride(from: 0, to: whole.count, by: 4096) {
      let copy = try sample.copy()
      try copy.replace("ledger.sqlite", with: Array(whole[..<size]))
      #expect(try await !Store.verify(at: copy.path).isSound, "\(size) bytes")
      let report = try await Store.repair(at: copy.path)
      #expect(try await Store.verify(at: copy.path).problems == [], "\(size) bytes")
      let served = try await copy.expectOnlyTruth()
      #expect(served == 24 || report.lost.count > 0 || report.lost.mayBeMore, "\(size) bytes")
    }
  }

  /// The head of the file and the root of every table are gone; the leaves are not.
  @Test func manyAnswersWithoutTheTreeAboveThem() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    for number in 0..<400 {
      let attempt = try #require(try await ledger.claim(call("n\(number)")).attempt)
      try await ledger.settle(attempt, text: String(repeating: "text \(number) ", count: 40))
    }
    await test.store.close()
    let path = "\(test.path)/ledger.sqlite"
    let roots = try runSQLite(path, "SELECT rootpage FROM sqlite_schema WHERE rootpage > 0")
    let url = URL(fileURLWithPath: path)
    var bytes = [UInt8](try Data(contentsOf: url))
    let pages = [1] + roots.split(separator: "\n").compactMap { Int($0) }
    var interior = 0
    for page in pages {
      let start = (page - 1) * 4096
      // A table of one page is its root: its rows would really be gone.
      guard page == 1 || bytes[start] == 0x05 else { continue }
      interior += 1
      for index in start..<start + 4096 { bytes[index] = 0xA5 }
    }
    #expect(interior >= 4, "the head, and the roots of calls, attempts and answers")
    try Data(bytes).write(to: url)
    let report = try await Store.repair(at: test.path)
    #expect(report.lost.count == 0)
    let store = try await test.another()
    for number in 0..<400 {
      let answer = try await store.ledger.answer(for: Digest(of: "n\(number)"))
      #expect(answer?.body == Array(String(repeating: "text \(number) ", count: 40).utf8))
    }
    #expect(try await store.verify().problems == [])
    #expect(try runSQLite(path, "PRAGMA integrity_check") == "ok\n")
  }

  /// A hole in the log: SQLite would stop there, and forget what was committed behind it.
  @Test func whatLiesBehindAHoleInTheLogIsSaved() async throws {
    let test = try await TestStore()
    for number in 0..<30 {
      let attempt = try #require(try await test.store.ledger.claim(call("n\(number)")).attempt)
      try await test.store.ledger.settle(attempt, text: "text \(number)")
    }
    // A copy made while the store is open is what a kill would leave.
    let copy = "\(test.folder.path)/copy"
    try FileManager.default.copyItem(atPath: test.path, toPath: copy)
    try? FileManager.default.removeItem(atPath: "\(copy)/ledger.sqlite-shm")
    #expect(try await Store.verify(at: copy).isSound)
    let url = URL(fileURLWithPath: "\(copy)/ledger.sqlite-wal")
    var bytes = [UInt8](try Data(contentsOf: url))
    let frames = (bytes.count - 32) / 4120
    #expect(frames > 60)
    bytes[32 + 4120 * (frames / 2) + 24 + 2000] ^= 1
    try Data(bytes).write(to: url)
    let found = try await Store.verify(at: copy)
    #expect(found.problems.map(\.kind) == [.damagedLog])
    let report = try await Store.repair(at: copy)
    #expect(report.lost.isNothing)
    let store = try await Store.open(at: copy, mode: .existing)
    for number in 0..<30 {
      let answer = try await store.ledger.answer(for: Digest(of: "n\(number)"))
      #expect(answer?.body == Array("text \(number)".utf8), "answer \(number)")
    }
    #expect(try await store.verify().problems == [])
  }

  /// A log whose end was cut off, as a kill or a power cut may leave it, is no damage.
  @Test func aTornEndOfTheLogIsNormal() async throws {
    let test = try await TestStore()
    for number in 0..<6 {
      let attempt = try #require(try await test.store.ledger.claim(call("n\(number)")).attempt)
      try await test.store.ledger.settle(attempt, text: "text \(number)")
    }
    let log = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: "\(test.path)/ledger.sqlite-wal"))
    )
    for size in stride(from: log.count, to: log.count - 12_000, by: -1777) {
      let copy = "\(test.folder.path)/copy-\(size)"
      try FileManager.default.copyItem(atPath: test.path, toPath: copy)
      try? FileManager.default.removeItem(atPath: "\(copy)/ledger.sqlite-shm")
      try Data(log[..<size]).write(to: URL(fileURLWithPath: "\(copy)/ledger.sqlite-wal"))
      #expect(try await Store.verify(at: copy).problems == [], "\(size) bytes")
    }
  }

  /// Killed at each renaming, removal and wait for the disk in turn, a repair is followed by another.
  @Test(.enabled(if: Strace.isAllowed, "strace is missing, or may not trace"))
  func noKillOfARepairLosesAnything() async throws {
    let sample = try await SampleStore.make()
    let full = ProcessInfo.processInfo.environment["DISTILL_PROVE"] == "full"
    var number = 1
    while true {
      let copy = try sample.copy()
      var ledger = try copy.bytes(of: "ledger.sqlite")
      for index in 0..<100 { ledger[index] = 0xFF }
      try copy.replace("ledger.sqlite", with: ledger)
      try copy.replace("index.sqlite", with: Array("no database".utf8))
      let rows = Digest(of: "rows of run 1\n").hex
      try copy.replace("objects/\(rows.prefix(2))/\(rows.dropFirst(2))", with: [])
      guard try Strace.kill(.repairing, store: copy.path, atStep: number) else { break }
      // What was cut off is never taken for a store in order that has fewer answers.
      if let store = try? await copy.reopened() {
        #expect(try await copy.store(store, serves: 24), "step \(number)")
        await store.close()
      }
      _ = try await Store.repair(at: copy.path)
      #expect(try await Store.verify(at: copy.path).problems == [], "step \(number)")
      #expect(try await copy.expectOnlyTruth() == 24, "step \(number)")
      number += full ? 1 : 3
    }
    #expect(number > 12, "a repair takes more steps than that")
  }

  @Test func theIndexIsMadeAnewFromTheRecords() async throws {
    let sample = try await SampleStore.make()
    let copy = try sample.copy()
    try copy.replace("index.sqlite", with: Array("no database".utf8))
    let report = try await Store.repair(at: copy.path)
    #expect(report.found.problems.map(\.kind) == [.damagedDatabase])
    #expect(report.lost.isNothing)
    let store = try await copy.reopened()
    #expect(Set(try await store.runs.list().map(\.id)) == Set(sample.runs))
    for (number, key) in sample.results.enumerated() {
      let result = try #require(try await store.results.lookup(key))
      #expect(result.outputs.map(\.part) == ["rows", "summary"])
      #expect(result["rows"]?.digest == Digest(of: "rows of run \(number)\n"))
      #expect(result.facts["made"]?.int == SampleStore.answersPerRun)
      #expect(result.runID == sample.runs[number])
    }
    await store.close()
  }

  /// Rows that contradict one another, as no flipped bit but a foreign program would make them.
  @Test(arguments: [
    "UPDATE answers SET body = x'41' WHERE body IS NOT NULL AND id % 3 = 0",
    "DELETE FROM answers WHERE id IN (SELECT id FROM answers LIMIT 4)",
    "DELETE FROM attempts WHERE id IN (SELECT id FROM attempts LIMIT 4)",
    "DELETE FROM calls WHERE id IN (SELECT id FROM calls LIMIT 4)",
    "DELETE FROM models", "DELETE FROM payers", "DELETE FROM meta", "DELETE FROM accounts",
    "UPDATE accounts SET settled_nanos = 0",
    "UPDATE attempts SET outcome = 'nonsense' WHERE id = (SELECT max(id) FROM attempts)",
    "UPDATE attempts SET cost_nanos = 5",
    "UPDATE jobs SET state = 'nonsense'",
    "INSERT INTO claims (call, number, model, started_at) SELECT id >> 20, 1, 1, 0 FROM answers LIMIT 1",
    "UPDATE calls SET key = randomblob(32) WHERE id = 3",
  ])
  func contradictions(_ sql: String) async throws {
    let copy = try await SampleStore.make().copy()
    try runSQLite("\(copy.path)/ledger.sqlite", sql)
    #expect(try await !Store.verify(at: copy.path).isSound)
    let report = try await Store.repair(at: copy.path)
    #expect(try await Store.verify(at: copy.path).problems == [])
    let served = try await copy.expectOnlyTruth()
    #expect(served >= 24 - report.lost.count - 1)
    #expect(try Recount.differences(copy.path) == "")
    let again = try await Store.repair(at: copy.path)
    #expect(again.done == [], "a repair of what is repaired does nothing")
    #expect(try await copy.expectOnlyTruth() == served)
  }
}

extension SampleStore.Copy {
  func reopened() async throws -> Store { try await Store.open(at: path, mode: .existing) }
}
