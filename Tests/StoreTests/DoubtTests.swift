import Primitives
import Store
import TestSupport
import Testing

/// What its user does with a call in doubt, and the key that goes with every sending.
@Suite struct DoubtTests {
  @Test func skippingSettlesIt() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let doubt = try await doubtful(ledger, "a")
    #expect(try await ledger.skip(doubt, body: Array("{}".utf8)))
    #expect(try await ledger.inDoubt().isEmpty)
    let answer = try #require(try await ledger.claim(call("a")).answer)
    #expect(answer.outcome == .skipped)
    #expect(answer.body == Array("{}".utf8))
    #expect(answer.tokens == TokenCounts())
    #expect(try await test.store.verify().isSound)
  }

  @Test func allowingFreesIt() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    #expect(try await ledger.allowResend(try await doubtful(ledger, "a")))
    #expect(try await ledger.inDoubt().isEmpty)
    #expect(try await ledger.claim(call("a")).attempt?.number == 2)
    let attempts = try await ledger.attempts(of: Digest(of: "a"))
    #expect(attempts.map(\.outcome) == ["lost", nil])
    #expect(attempts.first?.detail == #"{"message":"timeout"}"#)
  }

  @Test func whatIsNotInDoubtAnyMoreIsLeftAlone() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let doubt = try await doubtful(ledger, "a")
    let second = try #require(try await ledger.claim(call("a"), resendInDoubt: true).attempt)
    #expect(try await ledger.skip(doubt, body: []) == false)
    #expect(try await ledger.allowResend(doubt) == false)
    try await ledger.settle(second, text: "answer")
    #expect(try await ledger.skip(doubt, body: []) == false)
    #expect(try await ledger.answer(for: doubt.key)?.body == Array("answer".utf8))
    let other = try await test.another()
    let theirs = try #require(try await other.ledger.claim(call("b")).attempt)
    try await other.ledger.leaveInDoubt(theirs, detail: nil)
    let found = try #require(try await ledger.inDoubt().first)
    _ = try #require(try await other.ledger.claim(call("b"), resendInDoubt: true).attempt)
    #expect(try await ledger.skip(found, body: []) == false, "it lives again")
  }

  @Test func oneOfTwoThatSawTheSameDoubtMaySend() async throws {
    let test = try await TestStore()
    let (ours, other) = (test.store.ledger, try await test.another())
    let seen = try await doubtful(ours, "a")
    #expect(try await other.ledger.inDoubt() == [seen])
    let second = try #require(
      try await ours.claim(call("a"), resending: seen.attempt).attempt
    )
    #expect(try await other.ledger.claim(call("a"), resending: seen.attempt).isHeldByOther)
    try await ours.leaveInDoubt(second, detail: nil)
    let now = try #require(
      try await other.ledger.claim(call("a"), resending: seen.attempt).doubt
    )
    #expect(now.resends == 1)
    #expect(now.attempt.id == second.id)
    #expect(try await other.ledger.claim(call("a"), resending: now.attempt).attempt?.number == 3)
  }

  @Test func resendsCountFromTheLastAnswer() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    for expected in 0..<3 {
      #expect(try await doubtful(ledger, "a").resends == expected)
    }
    let attempt = try #require(try await ledger.claim(call("a"), resendInDoubt: true).attempt)
    try await ledger.settle(attempt, text: "answer")
    let fresh = try #require(
      try await ledger.claim(call("a", run: "run-2"), fresh: true).attempt
    )
    try await ledger.leaveInDoubt(fresh, detail: nil)
    #expect(try await ledger.inDoubt().map(\.resends) == [0])
  }

  @Test func twoAnswersForOneAttemptKeepTheFirst() async throws {
    let test = try await TestStore()
    let attempt = try #require(try await test.store.ledger.claim(call("a")).attempt)
    let first = try await test.store.ledger.settle(attempt, text: "first")
    #expect(try await test.store.ledger.settle(attempt, text: "second") == first)
    #expect(try await test.store.ledger.answer(for: attempt.key) == first)
  }

  // MARK: Idempotency

  @Test func allSendingsForOneAnswerHaveOneKey() async throws {
    let test = try await TestStore()
    var ledger = test.store.ledger
    let first = try #require(try await ledger.claim(call("a")).attempt)
    #expect(first.idempotencyKey.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    try await ledger.release(first, .declined)
    let second = try #require(try await ledger.claim(call("a")).attempt)
    #expect(second.idempotencyKey == first.idempotencyKey)
    await test.store.close()

    let reopened = try await test.another()
    ledger = reopened.ledger
    let doubt = try #require(try await ledger.claim(call("a")).doubt)
    #expect(doubt.attempt.idempotencyKey == first.idempotencyKey)
    let third = try #require(try await ledger.claim(call("a"), resendInDoubt: true).attempt)
    #expect(third.idempotencyKey == first.idempotencyKey)
    try await ledger.settle(third, text: "answer")
    let fresh = try #require(
      try await ledger.claim(call("a", run: "run-2"), fresh: true).attempt
    )
    #expect(fresh.idempotencyKey != first.idempotencyKey)
    let other = try #require(try await ledger.claim(call("b")).attempt)
    #expect(other.idempotencyKey != first.idempotencyKey)
  }

  @Test func theKeyIsThatOfThePage() async throws {
    let test = try await TestStore()
    let attempt = try #require(try await test.store.ledger.claim(call("a")).attempt)
    let database = "\(test.path)/ledger.sqlite"
    let id = try runSQLite(database, "SELECT value FROM meta WHERE name = 'store'").prefix(32)
    let preimage = Array(id.utf8) + Digest(of: "a").bytes + Array("0".utf8)
    #expect(attempt.idempotencyKey == String(Digest(of: preimage).hex.prefix(32)))
  }

  @Test func anotherStoreHasAnotherKey() async throws {
    let (one, two) = (try await TestStore(), try await TestStore())
    let first = try #require(try await one.store.ledger.claim(call("a")).attempt)
    let second = try #require(try await two.store.ledger.claim(call("a")).attempt)
    #expect(first.idempotencyKey != second.idempotencyKey)
  }

  /// Sends a call, once more if it was sent before, and leaves it in doubt.
  private func doubtful(_ ledger: Ledger, _ name: String) async throws -> InDoubtCall {
    let attempt = try #require(try await ledger.claim(call(name), resendInDoubt: true).attempt)
    try await ledger.leaveInDoubt(attempt, detail: ["message": "timeout"])
    return try #require(try await ledger.inDoubt().first { $0.key == Digest(of: name) })
  }
}
