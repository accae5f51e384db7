import Dispatch
import Foundation
import Primitives
import Synchronization
import TestSupport
import Testing
import TollRig

@Suite("The ledger")
struct LedgerTests {
  /// Calls that one client had answered, by the digest that names them in the ledger.
  private static func callUntilKilled(
    port: Int,
    client: Int,
    _ answered: borrowing Mutex<Set<String>>
  ) {
    guard let connection = try? Client(port: port) else { return }
    for number in 1... {
      let answer = connection.send(
        "POST",
        "/v1/chat/completions",
        body: Array(TollTest.body("client \(client), question \(number)").compactText.utf8)
      )
      guard answer.status == 200, let id = answer.json?["id"]?.string else { return }
      answered.withLock { _ = $0.insert(String(id.dropFirst("chatcmpl-".count))) }
    }
  }

  @Test("no charge is lost whose answer went out, whenever the server is killed")
  func killed() throws {
    let test = try TollTest()
    let answered = Answered()
    let seed = UInt64.random(in: 0 ... .max)
    var dice = SeededGenerator(seed: seed)
    for round in 0..<8 {
      if round > 0 { try test.restart() }
      let port = test.toll.port
      let clients = Threads.start(8) { client in
        Self.callUntilKilled(port: port, client: round * 8 + client, answered.calls)
      }
      usleep(UInt32(5_000 + dice.below(120_000)))
      test.toll.kill()
      clients.wait()
    }
    let charged = try test.ledger.charges().compactMap { $0["call"]?.string?.prefix(24) }
    let calls = answered.calls.withLock { $0 }
    #expect(!calls.isEmpty)
    #expect(calls.subtracting(charged.map(String.init)) == [], "seed \(seed)")
    // A client has one request in flight: at most that is charged without its answer.
    #expect(charged.count - calls.count <= 64, "seed \(seed)")
  }

  /// What the clients had answered, shared by their threads.
  private final class Answered: Sendable {
    let calls = Mutex<Set<String>>([])
  }

  @Test("numbers are given once, and a torn end is cut off")
  func torn() throws {
    let test = try TollTest()
    _ = try test.chat("a")
    test.toll.kill()
    let path = test.ledger.path
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(#"{"event":"request","n":2,"char"#.utf8))
    try handle.close()
    #expect(try test.ledger.requests().count == 1)
    try test.restart()
    _ = try test.chat("b")
    #expect(try test.ledger.requests().compactMap { $0["n"]?.int } == [1, 2])
    let report = try Toll.run(["report", path, "--json"])
    #expect(report.status == 0)
    #expect((try JSON(parsing: report.output))["charges"] == 2)
  }

  @Test("damage before the end is named, not skipped")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "{\"event\":\"start\"}\n{torn\n{\"event\":\"start\"}\n",
      to: "ledger"
    )
    let (status, output) = try Toll.run(["report", path])
    #expect(status != 0)
    #expect(output.contains("line 2, is no record"))
  }

  @Test("a ledger belongs to one server at a time")
  func locked() throws {
    let test = try TollTest()
    let (status, output) = try Toll.run(["--ledger", test.ledger.path])
    #expect(status != 0)
    #expect(output.contains("cannot lock"))
  }

  @Test("the report counts what was charged again, and its price")
  func report() throws {
    let test = try TollTest()
    for _ in 1...3 { _ = try test.chat("12345678", key: "k") }
    _ = try test.chat("12345678 ", key: "l")
    _ = try test.chat("a [[toll: quota]]")
    let plain = try JSON(parsing: Toll.run(["report", test.ledger.path, "--json"]).output)
    #expect(plain["requests"] == 5)
    #expect(plain["charges"] == 4)
    #expect(plain["distinct_calls"] == 2)
    #expect(plain["keys_charged_again"] == 1)
    #expect(plain["charged_again"]?.array?.count == 1)
    #expect(plain["charged_again"]?.array?.first?["charges"] == 3)
    #expect(plain["prompt_tokens"] == 9)
    #expect(plain["completion_tokens"] == 20)
    #expect(plain["cost_usd"] == .null)
    let priced = try Toll.run(["report", test.ledger.path, "--price", "toll-1=1/10"]).output
    #expect(priced.contains("money             0.00021 USD"))
    #expect(priced.contains("3 times: request 1, request 2, request 3"))
  }
}
