import Primitives
import Synchronization
import Testing
import TollRig

@Suite("Idempotency keys")
struct KeyTests {
  @Test("a server that ignores them charges each request")
  func ignored() throws {
    let test = try TollTest()
    for _ in 1...2 { #expect(try test.chat("a", key: "k").status == 200) }
    #expect(try test.ledger.charges().count == 2)
    #expect(try test.ledger.charges().map { $0["key"] } == ["k", "k"])
  }

  @Test("a server that honours them saves the answer, also over a restart")
  func honoured() throws {
    let test = try TollTest("--keys", "honour")
    let first = try test.chat("a", key: "k")
    #expect(try test.chat("a", key: "k").body == first.body)
    try test.restart()
    #expect(try test.chat("a", key: "k").body == first.body)
    #expect(try test.chat("a", key: "l").body == first.body)
    #expect(try test.chat("a").body == first.body)
    #expect(try test.ledger.charges().count == 3)
    #expect(
      try test.ledger.requests().map { $0["replayed"] } == [false, true, true, false, false]
    )
  }

  @Test("another body under the same key is an error, and costs nothing")
  func clash() throws {
    let test = try TollTest("--keys", "honour")
    _ = try test.chat("a", key: "k")
    let clash = try test.chat("b", key: "k")
    #expect(clash.status == 422)
    #expect(clash.json?["error"]?["code"] == "idempotency_key_reused")
    #expect(try test.ledger.charges().count == 1)
  }

  @Test("a lost answer is sent again for its key, as it was")
  func lost() throws {
    let script = #"{"calls": {"1": "reset-after-charge", "3": "refusal", "5": "status-503"}}"#
    let test = try TollTest("--keys", "honour", "--faults", script)
    #expect(try test.chat("a", key: "k").status == 0)
    #expect(try test.chat("a", key: "k").content?.hasPrefix("The answer is") == true)
    let refused = try test.chat("a", key: "l")
    #expect(refused.content == nil)
    #expect(try test.chat("a", key: "l").body == refused.body)
    // What was never charged does not use up its key.
    #expect(try test.chat("a", key: "m").status == 503)
    #expect(try test.chat("a", key: "m").status == 200)
    #expect(try test.ledger.charges().count == 3)
  }

  @Test("requests that meet under one key are charged once")
  func meeting() throws {
    let test = try TollTest("--keys", "honour", "--latency", "5-20")
    let port = test.toll.port
    let bodies = Mutex<Set<[UInt8]>>([])
    Threads.run(16) { _ in
      let client = try? Client(port: port)
      let answer = client?.send(
        "POST",
        "/v1/chat/completions",
        headers: ["Idempotency-Key": "k"],
        body: Array(TollTest.body("a").compactText.utf8)
      )
      bodies.withLock { _ = $0.insert(answer?.body ?? []) }
    }
    #expect(bodies.withLock { $0 } == [try test.chat("a").body])
    // One for the key, one for the request without.
    #expect(try test.ledger.charges().count == 2)
  }
}
