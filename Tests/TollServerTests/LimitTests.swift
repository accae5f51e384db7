import Foundation
import Primitives
import TestSupport
import Testing
import TollRig

@Suite("Limits and credentials")
struct LimitTests {
  @Test("requests beyond the rate are refused with the way back, in OpenAI's form")
  func openAI() throws {
    let test = try TollTest("--rate", "2/100000")
    let first = try test.chat("a")
    #expect(first.status == 200)
    #expect(first.header("x-ratelimit-limit-requests") == "2")
    #expect(first.header("x-ratelimit-remaining-requests") == "1")
    #expect(first.header("x-ratelimit-reset-requests")?.hasSuffix("s") == true)
    #expect(try test.chat("b").status == 200)
    let refused = try test.chat("c")
    #expect(refused.status == 429)
    #expect(refused.json?["error"]?["code"] == "rate_limit_exceeded")
    #expect(refused.header("retry-after").flatMap { Int($0) }.map { 1...30 ~= $0 } == true)
    #expect(try test.ledger.charges().count == 2)
  }

  @Test("tokens count too, in Azure's form")
  func azure() throws {
    let test = try TollTest("--rate", "1000/200")
    func chat() throws -> Client.Answer {
      try test.send(
        "POST",
        "/openai/deployments/d/chat/completions?api-version=2024-10-21",
        json: TollTest.body(String(repeating: "x", count: 160), [("seed", 1)])
      )
    }
    let first = try chat()
    #expect(first.status == 200)
    #expect(first.header("x-ratelimit-remaining-tokens") == "96")
    #expect(first.header("x-ratelimit-reset-tokens").flatMap { Int($0) } != nil)
    let refused = try chat()
    #expect(refused.status == 429)
    #expect(refused.json?["error"]?["code"] == "429")
    #expect(refused.header("retry-after").flatMap { Int($0) } != nil)
    #expect(refused.header("retry-after-ms").flatMap { Int($0) } != nil)
  }

  @Test("the right key is asked for, and only its rightness recorded")
  func key() throws {
    let test = try TollTest(
      "--api-key-env",
      "TOLL_TEST_KEY",
      environment: ["TOLL_TEST_KEY": "sk-right"]
    )
    func status(_ headers: [String: String]) throws -> Int {
      try test.send("POST", "/v1/chat/completions", headers: headers, json: TollTest.body("a"))
        .status
    }
    #expect(try status(["Authorization": "Bearer sk-right"]) == 200)
    #expect(try status(["api-key": "sk-right"]) == 200)
    #expect(try status(["Authorization": "Bearer sk-wrong"]) == 401)
    #expect(try status([:]) == 401)
    #expect(
      try test.ledger.requests().compactMap { $0["credential"]?.string } == [
        "right", "right", "wrong", "none",
      ]
    )
    #expect(try test.ledger.charges().count == 2)
    #expect(!(try test.ledger.records().map(\.compactText).joined().contains("sk-")))
  }

  @Test("without a key to compare, a key that comes is noted")
  func unchecked() throws {
    let test = try TollTest()
    _ = try test.send("GET", "/v1/models", headers: ["Authorization": "Bearer x"])
    _ = try test.send("GET", "/elsewhere")
    let requests = try test.ledger.requests()
    #expect(requests.map { $0["credential"] } == ["unchecked", "none"])
    #expect(requests.map { $0["status"] } == [200, 404])
    #expect(requests.last?["path"] == "/elsewhere")
  }

  @Test(
    "options that cannot be are refused",
    arguments: [
      ["--rate", "5"], ["--latency", "9-3"], ["--keys", "maybe"],
      ["--api-key-env", "TOLL_NO_SUCH_VARIABLE"], ["--job-script", "[]"],
    ]
  )
  func options(words: [String]) throws {
    let test = try TollTest()
    let (status, _) = try Toll.run(["--ledger", "\(test.ledger.path).other"] + words)
    #expect(status != 0)
  }

  @Test("it ends when it is asked to, also where its parent blocks the signal")
  func terminates() throws {
    var blocked = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGTERM)
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #expect(try TollTest().toll.terminate())
  }

  @Test("a socket file serves too, and is taken over from a killed server")
  func socketFile() throws {
    let test = try TollTest()
    let path = "\(test.folder.path)/toll.sock"
    let first = try Toll(ledger: "\(test.folder.path)/other", ["--socket", path])
    #expect(first.address == "unix:\(path)")
    first.kill()
    let second = try Toll(ledger: "\(test.folder.path)/other", ["--socket", path])
    #expect(second.address == "unix:\(path)")
  }
}
