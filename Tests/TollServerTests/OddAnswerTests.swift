import Foundation
import Primitives
import TestSupport
import Testing
import TollRig

@Suite("Odd answers")
struct OddAnswerTests {
  private func answer(_ marker: String, _ members: [(key: String, value: JSON)] = []) throws
    -> Client.Answer
  {
    let test = try TollTest()
    let answer = try test.chat("a [[toll: \(marker)]]", members)
    #expect(answer.status == 200)
    #expect(try test.ledger.charges().count == 1)
    return answer
  }

  private func choice(_ marker: String) throws -> JSON? {
    try answer(marker).json?["choices"]?.array?.first
  }

  @Test("finish reasons")
  func finishReasons() throws {
    #expect(try choice("finish-reason")?["finish_reason"] == "length")
    #expect(try choice("finish-reason finish_reason=banana")?["finish_reason"] == "banana")
    #expect(try choice("finish-null")?["finish_reason"] == .null)
    let filtered = try choice("content-filter")
    #expect(filtered?["finish_reason"] == "content_filter")
    #expect(filtered?["message"]?["content"] == "")
    let tool = try choice("tool-calls")
    #expect(tool?["finish_reason"] == "tool_calls")
    #expect(tool?["message"]?["content"] == .null)
    #expect(tool?["message"]?["tool_calls"]?.array?.count == 1)
  }

  @Test("contents")
  func contents() throws {
    func content(_ marker: String) throws -> JSON? { try choice(marker)?["message"]?["content"] }
    #expect(try content("null-content") == .null)
    #expect(try content("empty-content") == "")
    #expect(try content("whitespace")?.string?.allSatisfy(\.isWhitespace) == true)
    #expect(try content("loop times=3")?.string?.split(separator: ".").count == 4)
    #expect(try content("nul")?.string?.hasSuffix("\u{0}") == true)
    #expect(try choice("refusal")?["message"]?["refusal"]?.string?.isEmpty == false)
    #expect(try content("huge bytes=300000")?.string?.utf8.count ?? 0 > 290_000)
    #expect(try content("swapped") != content("finish-null"))
  }

  @Test("what goes with the choices")
  func members() throws {
    #expect(try answer("no-usage").json?["usage"] == nil)
    #expect(try answer("negative-usage").json?["usage"]?["prompt_tokens"] == -1)
    #expect(try answer("wrong-model").json?["model"] == "toll-other")
    #expect(try answer("no-model").json?["model"] == nil)
    #expect(try answer("other-id").json?["id"] == "")
    #expect(try answer("no-choices").json?["choices"] == [])
    #expect(try answer("choices-missing", [("n", 3)]).json?["choices"]?.array?.count == 2)
  }

  @Test(
    "what a strict reader of JSON refuses",
    arguments: [
      "invalid-utf8", "raw-nul", "lone-surrogate", "duplicate-keys", "deep-json", "nan",
      "huge-numbers", "truncated-json", "html", "empty-body",
    ]
  )
  func refused(name: String) throws {
    let answer = try answer(name)
    #expect(throws: JSONError.self) { _ = try JSON(parsing: answer.body) }
  }

  @Test("each says what it is for in its bytes")
  func bytes() throws {
    func holds(_ marker: String, _ bytes: [UInt8]) throws -> Bool {
      try answer(marker).body.firstRange(of: bytes) != nil
    }
    #expect(try holds("invalid-utf8", [0xC3, 0x28, 0xFF]))
    #expect(try holds("raw-nul", [0]))
    #expect(try holds("lone-surrogate", Array(#"\ud800""#.utf8)))
    #expect(try holds("nan", Array(":NaN".utf8)))
    #expect(try holds("huge-numbers", Array("1e400".utf8)))
    #expect(try holds("deep-json levels=2000", [UInt8](repeating: 0x5B, count: 2_000)))
    #expect(try answer("bom").body.starts(with: [0xEF, 0xBB, 0xBF]))
    #expect(try answer("error-inside").json?["error"]?["message"] != nil)
  }

  @Test("the gzip bomb is whole, and far larger than its file")
  func bomb() throws {
    let answer = try answer("gzip-bomb bytes=3000000")
    #expect(answer.header("content-encoding") == "gzip")
    #expect(answer.body.count < 30_000)
    let folder = try TemporaryFolder()
    try Data(answer.body).write(to: URL(fileURLWithPath: "\(folder.path)/bomb.gz"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // gzip checks length and checksum too.
    process.arguments = ["gzip", "-d", "\(folder.path)/bomb.gz"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let json = try JSON(parsing: Array(try folder.read("bomb").utf8))
    let text = json["choices"]?.array?.first?["message"]?["content"]?.string ?? ""
    #expect(text.utf8.count > 2_990_000)
    #expect(text.utf8.allSatisfy { $0 == UInt8(ascii: "a") })
  }

  @Test("streams that break")
  func streams() throws {
    let test = try TollTest()
    func stream(_ marker: String) throws -> Client.Answer {
      try test.chat("a [[toll: \(marker)]]", [("stream", true)])
    }
    let whole = try stream("finish-null").text.split(separator: "\n\n").count
    let cut = try stream("stream-cut")
    #expect(!cut.text.contains("[DONE]"))
    #expect(cut.text.split(separator: "\n\n").count == whole - 1)
    #expect(try stream("stream-duplicate").text.split(separator: "\n\n").count == whole + 1)
    let error = try stream("stream-error")
    #expect(error.text.contains(#""error""#))
    #expect(!error.text.contains("[DONE]"))
    #expect(try test.chat("a [[toll: stream-cut]]").end == .closed)
    #expect(try stream("drip ms=0").text.hasSuffix("data: [DONE]\n\n"))
    #expect(try !stream("close-inside-answer").text.contains("[DONE]"))
  }
}
