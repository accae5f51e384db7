import Primitives
import TestSupport
import TollRig
import Testing

@Suite("Scripts of faults")
struct FaultScriptTests {
  private func statuses(_ script: String, count: Int) throws -> [Int] {
    let test = try TollTest("--faults", script)
    return try (1...count).map { try test.chat("question \($0)").status }
  }

  @Test("by number and by step; a number goes first")
  func numbers() throws {
    let script =
      #"{"calls": {"2": "status-500", "4": {"fault": "quota"}}, "every": {"3": "html", "4": "status-503"}}"#
    #expect(try statuses(script, count: 8) == [200, 500, 200, 429, 200, 200, 200, 503])
  }

  @Test("by dice that fall alike for one seed")
  func dice() throws {
    func rolled(_ seed: Int) throws -> [Int] {
      try statuses(
        #"{"probability": {"share": 0.4, "seed": \#(seed), "of": ["status-500", "status-503"]}}"#,
        count: 60
      )
    }
    let first = try rolled(7)
    #expect(try rolled(7) == first)
    #expect(try rolled(8) != first)
    #expect(Set(first) == [200, 500, 503])
    #expect(12...36 ~= first.count { $0 != 200 })
  }

  @Test("each endpoint has its own numbers, which go on after a restart")
  func endpoints() throws {
    let script =
      #"{"models": {"calls": {"2": "status-500"}}, "chat": {"calls": {"2": "status-503"}}}"#
    let test = try TollTest("--faults", script)
    #expect(try test.chat("a").status == 200)
    #expect(try test.send("GET", "/v1/models").status == 200)
    try test.restart()
    #expect(try test.send("GET", "/v1/models").status == 500)
    #expect(try test.chat("a").status == 503)
    #expect(try test.chat("a").status == 200)
    #expect(try test.ledger.requests().compactMap { $0["n"]?.int } == [1, 2, 3, 4, 5])
    #expect(try test.ledger.requests("chat").compactMap { $0["k"]?.int } == [1, 2, 3])
  }

  @Test("the ledger names the call that a script refuses")
  func call() throws {
    let test = try TollTest("--faults", #"{"calls": {"1": "quota", "2": "reset-before-charge"}}"#)
    for _ in 1...3 { _ = try test.chat("a") }
    let calls = try test.ledger.requests().map { $0["call"]?.string }
    #expect(Set(calls).count == 1 && calls[0] != nil)
    #expect(try test.ledger.charges().count == 1)
  }

  @Test("a script can be a file, and set any header")
  func file() throws {
    let folder = try TollTest().folder
    let path = try folder.write(
      """
      {"every": {"1": {"fault": "status", "status": 429, "code": "credit_balance_exhausted",
        "headers": {"x-should-retry": "false", "retry-after": "2"}}}}
      """,
      to: "faults.json"
    )
    let answer = try TollTest("--faults", path).chat("a")
    #expect(answer.status == 429)
    #expect(answer.header("x-should-retry") == "false")
    #expect(answer.header("retry-after") == "2")
    #expect(answer.json?["error"]?["code"] == "credit_balance_exhausted")
  }

  @Test(
    "a script that cannot be read is refused, with what is wrong",
    arguments: [
      (#"{"calls": {"1": "nonsense"}}"#, "no fault is named 'nonsense'"),
      (#"{"calls": {"zero": "html"}}"#, "'calls' has 'zero'"),
      (#"{"cals": {}}"#, "the script has 'cals'"),
      (#"{"chat": {"evry": {}}}"#, "'chat' has 'evry'"),
      (#"{"probability": {"share": 2}}"#, "no 'share' between 0 and 1"),
      (#"{"calls": {"1": {"status": 500}}}"#, "a map without 'fault'"),
      ("{", "cannot be read"),
    ]
  )
  func refused(script: String, says: String) throws {
    let folder = try TollTest().folder
    let (status, output) = try Toll.run(["--ledger", "\(folder.path)/other", "--faults", script])
    #expect(status != 0)
    #expect(output.contains(says))
  }
}
