import Primitives
import Store
import TestSupport
import Testing

/// Single flight and doubt, within a process and between two.
@Suite struct ClaimTests {
  @Test func tasksOfOneProcessShareOneSending() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let sent = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<64 {
        group.addTask {
          guard let attempt = try await ledger.claim(call("same")).attempt else { return 0 }
          try await ledger.settle(attempt, text: "one answer")
          return 1
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sent == 1)
    #expect(try await ledger.attempts(of: Digest(of: "same")).count == 1)
  }

  @Test func aReleaseHandsTheCallToTheTaskThatWaits() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let first = try #require(try await ledger.claim(call("a")).attempt)
    async let second = ledger.claim(call("a"))
    try await ledger.release(first, .notSent)
    #expect(try await second.attempt?.number == 2)
  }

  @Test func aWaitingTaskCanBeCancelled() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let first = try #require(try await ledger.claim(call("a")).attempt)
    let waiting = Task { try await ledger.claim(call("a")) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { _ = try await waiting.value }
    try await ledger.settle(first, text: "kept")
    #expect(try await ledger.claim(call("a")).answer != nil)
  }

  @Test func anotherLiveProcessIsWaitedFor() async throws {
    let test = try await TestStore()
    let other = try await test.another()
    let attempt = try #require(try await other.ledger.claim(call("a")).attempt)
    #expect(try await test.store.ledger.claim(call("a")).isHeldByOther)
    #expect(try await test.store.ledger.inDoubt().isEmpty)
    async let waited: Void = test.store.ledger.waitForOther(attempt.key)
    try await other.ledger.settle(attempt, text: "theirs")
    try await waited
    #expect(
      try await test.store.ledger.claim(call("a")).answer?.body == Array("theirs".utf8)
    )
  }

  @Test func whatAProcessLeftOpenIsInDoubtWhenItEnds() async throws {
    let test = try await TestStore()
    let other = try await test.another()
    _ = try #require(try await other.ledger.claim(call("a", run: "run-9")).attempt)
    let settled = try #require(try await other.ledger.claim(call("b")).attempt)
    try await other.ledger.settle(settled, text: "done")
    await other.close()

    let ledger = test.store.ledger
    try await ledger.waitForOther(Digest(of: "a"))
    let doubt = try #require(try await ledger.claim(call("a")).doubt)
    #expect(doubt.key == Digest(of: "a"))
    #expect(doubt.runID == "run-9")
    #expect(doubt.resends == 0)
    #expect(try await ledger.inDoubt() == [doubt])
    let reader = try await test.another(.readOnly)
    #expect(try await reader.ledger.inDoubt() == [doubt])

    let second = try #require(
      try await ledger.claim(call("a"), resendInDoubt: true).attempt
    )
    #expect(second.number == 2)
    #expect(try await ledger.inDoubt().isEmpty)
    try await ledger.leaveInDoubt(second, detail: ["error": "timeout"])
    let again = try #require(try await ledger.claim(call("a")).doubt)
    #expect(again.resends == 1)
    #expect(again.detail == #"{"error":"timeout"}"#)
    #expect(try await ledger.attempts(of: doubt.key).map(\.outcome) == ["lost", nil])
  }

  @Test func aLateAnswerIsKept() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let first = try #require(try await ledger.claim(call("a")).attempt)
    try await ledger.leaveInDoubt(first, detail: nil)
    let second = try #require(
      try await ledger.claim(call("a"), resendInDoubt: true).attempt
    )
    try await ledger.settle(first, text: "late")
    #expect(try await ledger.answer(for: first.key)?.body == Array("late".utf8))
    try await ledger.settle(second, text: "second")
    #expect(try await ledger.answer(for: first.key)?.body == Array("second".utf8))
    #expect(try await ledger.attempts(of: first.key).map(\.outcome) == ["answered", "answered"])
    #expect(try await ledger.inDoubt().isEmpty)
  }

  @Test func twoStoresNeverBothSend() async throws {
    let test = try await TestStore()
    let stores = [test.store, try await test.another(), try await test.another()]
    let sent = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<90 {
        let ledger = stores[number % 3].ledger
        let request = call("shared \(number / 9)")
        group.addTask {
          while true {
            switch try await ledger.claim(request) {
            case .granted(let attempt):
              try await ledger.settle(attempt, text: "once")
              return 1
            case .recorded: return 0
            case .heldByOther: try await ledger.waitForOther(request.key)
            case let claim: throw Unexpected(claim: claim)
            }
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sent == 10)
  }
}

private struct Unexpected: Error { let claim: Claim }
