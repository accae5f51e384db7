import Foundation
import Primitives
import Store
import TestSupport
import Testing

/// What reaches the disk, and how often it is asked to.
@Suite struct DurabilityTests {
  @Test func whatWasCommittedInGroupsIsThereAfterAKill() async throws {
    let test = try await TestStore()
    let keys = try await withThrowingTaskGroup(of: Digest.self) { group in
      for number in 0..<300 {
        group.addTask {
          let attempt = try #require(
            try await test.store.ledger.claim(call("row \(number)")).attempt
          )
          try await test.store.ledger.settle(attempt, text: "answer \(number)")
          return attempt.key
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    // A copy made while the store is open is what a kill would leave: nothing is closed or flushed.
    let copy = "\(test.folder.path)/copy"
    try FileManager.default.copyItem(atPath: test.path, toPath: copy)
    try? FileManager.default.removeItem(atPath: "\(copy)/ledger.sqlite-shm")
    let store = try await Store.open(at: copy, mode: .existing)
    #expect(try await store.ledger.lookup(keys).count == 300)
    #expect(try await store.ledger.inDoubt().isEmpty)
  }

  @Test func groupsGoOnAfterReopening() async throws {
    let test = try await TestStore()
    var store = test.store
    for round in 0..<3 {
      let ledger = store.ledger
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<50 {
          group.addTask {
            let attempt = try #require(
              try await ledger.claim(call("\(round)-\(number)")).attempt
            )
            try await ledger.settle(attempt, text: "x")
          }
        }
        try await group.waitForAll()
      }
      await store.close()
      store = try await test.another()
    }
    #expect(try await store.stats().attempts["answered"]?.count == 150)
  }

  @Test func oneJobThatFailsDoesNotSpoilItsGroup() async throws {
    let test = try await TestStore()
    let run = try await test.store.runs.begin(workflow: "w", commit: nil)
    let failed = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          do {
            let id = number.isMultiple(of: 4) ? "no-such-run" : run.id
            try await test.store.runs.setCommit(id, "\(number)")
            return false
          } catch {
            return true
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(failed == 10)
    #expect(try await test.store.runs.find(run.id).commit != nil)
  }

  @Test(.enabled(if: Strace.isAllowed, "strace is missing, or may not trace"))
  func everyClaimAndSettlementIsSynchronised() async throws {
    let test = try await TestStore()
    let commits = try commits(of: .sequential, test)
    #expect(commits == 40 + 1, "one for each, and one by the checkpoint at the end")
  }

  @Test(.enabled(if: Strace.isAllowed, "strace is missing, or may not trace"))
  func callsMadeAtOnceShareTheirSynchronisation() async throws {
    let test = try await TestStore()
    let commits = try commits(of: .grouped, test)
    #expect(commits >= 2)
    #expect(commits <= 100, "400 commits were asked for by 200 tasks")
  }

  @Test(.enabled(if: Strace.isAllowed, "strace is missing, or may not trace"))
  func anObjectIsSynchronisedBeforeItIsRenamedAndItsFolderAfter() async throws {
    let test = try await TestStore()
    let lines = try Strace.lines(of: .object, store: test.path)
    let path = test.store.objects.path(of: Digest(of: "ordered"))
    let folder = String(path.prefix(path.utf8.count - 63))
    let file = try #require(lines.firstIndex { $0.contains("fsync(") && $0.contains("/temp-") })
    let rename = try #require(lines.firstIndex { $0.contains("rename") && $0.contains(path) })
    let names = try #require(
      lines.firstIndex { $0.contains("fsync(") && $0.contains("<\(folder)>") }
    )
    #expect(file < rename)
    #expect(rename < names)
  }

  /// How often a workload synchronised the ledger's log.
  private func commits(of workload: Workload, _ test: TestStore) throws -> Int {
    try Strace.lines(of: workload, store: test.path).count {
      $0.contains("fdatasync(") && $0.contains("\(test.path)/ledger.sqlite-wal")
    }
  }
}
