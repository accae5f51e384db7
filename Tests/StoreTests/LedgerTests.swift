import Primitives
import Store
import TestSupport
import Testing

@Suite struct LedgerTests {
  @Test func anAnswerIsRecordedOnceAndServedEverAfter() async throws {
    let test = try await TestStore()
    let attempt = try #require(try await test.store.ledger.claim(call("a")).attempt)
    #expect(attempt.number == 1)
    let settled = try await test.store.ledger.settle(attempt, text: "forty-two")
    let again = try await test.store.ledger.claim(call("a"))
    #expect(again.answer == settled)
    await test.store.close()
    let reopened = try await test.another()
    let answer = try #require(try await reopened.ledger.answer(for: attempt.key))
    #expect(answer == settled)
    #expect(answer.body == Array("forty-two".utf8))
    #expect(answer.tokens == TokenCounts(prompt: 7, completion: 9))
    #expect(answer.servedModel == "served-1")
    #expect(answer.cost == nil)
    #expect(try await reopened.ledger.request(of: attempt.key) == call("a").request)
    #expect(try await reopened.ledger.inDoubt().isEmpty)
  }

  @Test(arguments: Outcome.allCases)
  func everyFinalOutcomeIsCached(_ outcome: Outcome) async throws {
    let test = try await TestStore()
    let attempt = try #require(try await test.store.ledger.claim(call("a")).attempt)
    try await test.store.ledger.settle(
      attempt,
      outcome,
      body: [],
      servedModel: nil,
      tokens: TokenCounts(),
      cost: Money(nanos: 12)
    )
    let answer = try await test.store.ledger.claim(call("a")).answer
    #expect(answer?.outcome == outcome)
    #expect(answer?.tokens == TokenCounts())
    #expect(answer?.cost == Money(nanos: 12))
  }

  @Test func aLongAnswerAndRequestBecomeObjects() async throws {
    let test = try await TestStore()
    let long = [UInt8](repeating: 65, count: 256 * 1024 + 1)
    let inline = [UInt8](repeating: 66, count: 256 * 1024)
    for (name, body) in [("long", long), ("inline", inline)] {
      let request = CallRequest(
        key: Digest(of: name),
        model: "m",
        request: body,
        runID: nil
      )
      let attempt = try #require(try await test.store.ledger.claim(request).attempt)
      try await test.store.ledger.settle(
        attempt,
        .answered,
        body: body,
        servedModel: nil,
        tokens: TokenCounts()
      )
      #expect(try await test.store.ledger.answer(for: request.key)?.body == body)
      #expect(try await test.store.ledger.request(of: request.key) == body)
    }
    #expect(test.store.objects.contains(ObjectRef(of: long)))
    #expect(!test.store.objects.contains(ObjectRef(of: inline)))
  }

  @Test func aReleasedCallIsFreeAndItsAttemptKept() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let first = try #require(try await ledger.claim(call("a")).attempt)
    try await ledger.release(first, .notSent, detail: ["error": "connection refused"])
    let second = try #require(try await ledger.claim(call("a")).attempt)
    #expect(second.number == 2)
    try await ledger.release(second, .declined)
    let third = try #require(try await ledger.claim(call("a")).attempt)
    try await ledger.settle(third, text: "yes")
    let attempts = try await ledger.attempts(of: third.key)
    #expect(attempts.map(\.outcome) == ["not-sent", "declined", "answered"])
    #expect(attempts.map(\.number) == [1, 2, 3])
    #expect(attempts[0].detail == #"{"error":"connection refused"}"#)
  }

  @Test func lookupGivesWhatThereIs() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    for name in ["a", "b", "c"] {
      let attempt = try #require(try await ledger.claim(call(name)).attempt)
      if name != "b" { try await ledger.settle(attempt, text: name) }
    }
    let keys = ["a", "b", "c", "d"].map { Digest(of: $0) }
    let found = try await ledger.lookup(keys)
    #expect(Set(found.keys) == [keys[0], keys[2]])
    #expect(found[keys[2]]?.body == Array("c".utf8))
    #expect(try await ledger.recorded(keys) == [keys[0], keys[2]])
  }

  @Test func freshAsksOnceARunAndKeepsTheEarlierAnswer() async throws {
    let test = try await TestStore()
    let ledger = test.store.ledger
    let first = try #require(try await ledger.claim(call("a", run: "run-1")).attempt)
    try await ledger.settle(first, text: "old")
    let second = try #require(
      try await ledger.claim(call("a", run: "run-2"), fresh: true).attempt
    )
    #expect(try await ledger.answer(for: second.key)?.body == Array("old".utf8))
    try await ledger.settle(second, text: "new")
    let again = try await ledger.claim(call("a", run: "run-2"), fresh: true)
    #expect(again.answer?.body == Array("new".utf8))
    #expect(try await ledger.attempts(of: second.key).map(\.outcome) == ["answered", "answered"])
  }

  @Test func anAnswerThatWasRecordedAndIsGoneIsNotTakenForNone() async throws {
    let test = try await TestStore()
    let attempt = try #require(try await test.store.ledger.claim(call("a")).attempt)
    try await test.store.ledger.settle(attempt, text: "forty-two")
    try runSQLite("\(test.path)/ledger.sqlite", "DELETE FROM answers")
    let error = await #expect(throws: StoreError.self) {
      _ = try await test.store.ledger.lookup([attempt.key])
    }
    #expect(error?.isDamage == true)
    #expect(error?.description.contains("was recorded and is gone") == true)
    await #expect(throws: StoreError.self) { _ = try await test.store.ledger.claim(call("a")) }
  }

  @Test func aSealedAnswerThatWasChangedIsNotServed() async throws {
    let test = try await TestStore()
    for name in ["a", "b"] {
      let attempt = try #require(try await test.store.ledger.claim(call(name)).attempt)
      try await test.store.ledger.settle(attempt, text: name)
    }
    let ledger = "\(test.path)/ledger.sqlite"
    let first = 1 << 20 | 1
    for (table, change) in [
      ("answers", "body = x'00'"), ("attempts", "outcome = 'refused'"),
      ("attempts", "completion_tokens = 2"), ("attempts", "served_model = 'x'"),
    ] {
      try runSQLite(ledger, "CREATE TABLE kept AS SELECT * FROM \(table) WHERE id = \(first)")
      try runSQLite(ledger, "UPDATE \(table) SET \(change) WHERE id = \(first)")
      let error = await #expect(throws: StoreError.self, "\(change)") {
        _ = try await test.store.ledger.answer(for: Digest(of: "a"))
      }
      #expect(error?.isDamage == true)
      try runSQLite(ledger, "INSERT OR REPLACE INTO \(table) SELECT * FROM kept")
      try runSQLite(ledger, "DROP TABLE kept")
      #expect(try await test.store.ledger.answer(for: Digest(of: "a")) != nil)
    }
    // The answers of two calls, swapped.
    for change in [
      "-id WHERE id >> 20 = 1", "1 << 20 | 1 WHERE id >> 20 = 2", "2 << 20 | 1 WHERE id < 0",
    ] {
      try runSQLite(ledger, "UPDATE answers SET id = \(change)")
    }
    await #expect(throws: StoreError.self) {
      _ = try await test.store.ledger.lookup([Digest(of: "b")])
    }
  }
}
