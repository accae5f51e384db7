import Primitives
import TollRig
import Testing

@Suite("Chat")
struct ChatTests {
  @Test("the answer is a function of the request, and is charged each time")
  func deterministic() throws {
    let test = try TollTest()
    let first = try test.chat("What is 2 + 2?")
    let second = try test.chat("What is 2 + 2?")
    let other = try test.chat("What is 2 + 3?")
    #expect(first.status == 200)
    #expect(first.body == second.body)
    #expect(first.json?["id"] != other.json?["id"])
    #expect(first.content?.contains(/^The answer is \d+\.$/) == true)
    #expect(try test.ledger.chargesByCall().values.sorted() == [1, 2])
  }

  @Test("how a body is written does not make another call; what a model sees does")
  func digest() throws {
    let test = try TollTest()
    _ = try test.send(
      "POST",
      "/v1/chat/completions",
      json: [
        "messages": [["content": "a", "role": "user"]], "max_tokens": 64, "user": "somebody",
        "model": "toll-1",
      ]
    )
    _ = try test.chat("a")
    _ = try test.chat("a", [("seed", 3)])
    let calls = try test.ledger.charges().compactMap { $0["call"]?.string }
    #expect(calls.count == 3)
    #expect(calls[0] == calls[1])
    #expect(calls[1] != calls[2])
  }

  @Test("tokens are a quarter of the bytes, and at most what was asked for")
  func tokens() throws {
    let test = try TollTest()
    let whole = try test.chat("12345").json
    #expect(whole?["usage"]?["prompt_tokens"] == 2)
    #expect(whole?["usage"]?["completion_tokens"] == 5)
    #expect(whole?["choices"]?.array?.first?["finish_reason"] == "stop")
    let cut = try test.chat("12345", [("max_completion_tokens", 2)])
    #expect(cut.content == "The answ")
    #expect(cut.json?["usage"]?["completion_tokens"] == 2)
    #expect(cut.json?["choices"]?.array?.first?["finish_reason"] == "length")
    let charge = try test.lastRequest()
    #expect(charge["prompt_tokens"] == 2)
    #expect(charge["completion_tokens"] == 2)
  }

  @Test("several choices differ")
  func choices() throws {
    let test = try TollTest()
    let choices = try test.chat("a", [("n", 3)]).json?["choices"]?.array ?? []
    #expect(Set(choices.compactMap { $0["message"]?["content"]?.string }).count == 3)
  }

  @Test("a stream says the same in pieces, and ends with [DONE]")
  func stream() throws {
    let test = try TollTest()
    let whole = try test.chat("a").content
    let stream = try test.chat("a", [("stream", true)])
    let events = stream.text.split(separator: "\n\n").map { $0.dropFirst(6) }
    #expect(events.last == "[DONE]")
    let pieces = events.dropLast().compactMap { event in
      (try? JSON(parsing: String(event)))?["choices"]?.array?.first?["delta"]?["content"]?.string
    }
    #expect(pieces.joined() == whole)
  }

  @Test("requests follow each other on one connection")
  func keptAlive() throws {
    let test = try TollTest()
    let client = try Client(port: test.toll.port)
    for number in 1...3 {
      let answer = client.send(
        "POST",
        "/v1/chat/completions",
        body: Array(TollTest.body("\(number)").compactText.utf8)
      )
      #expect(answer.status == 200)
    }
    #expect(try test.ledger.requests().compactMap { $0["connection"] } == [1, 1, 1])
  }

  @Test("a body may come in chunks, and behind a 100 Continue")
  func chunks() throws {
    let test = try TollTest()
    let client = try Client(port: test.toll.port)
    let body = TollTest.body("a").compactText
    client.write(
      Array(
        ("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n").utf8
      )
    )
    #expect(client.read().status == 100)
    let half = body.utf8.count / 2
    client.write(Array("\(String(half, radix: 16))\r\n\(body.prefix(half))\r\n".utf8))
    let rest = body.dropFirst(half)
    client.write(Array("\(String(rest.utf8.count, radix: 16));x=y\r\n\(rest)\r\n0\r\n\r\n".utf8))
    #expect(client.read().body == (try test.chat("a").body))
  }

  @Test(
    "what is no chat request is refused, and costs nothing",
    arguments: [
      #"{"model":"m"}"#, #"{"messages":[{"role":"user","content":"a"}]}"#, "[]", "{",
      #"{"model":"m","messages":[{"role":"user","content":7}]}"#,
      #"{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":0}"#,
      #"{"model":"m","messages":[{"role":"user","content":"[[toll: nonsense]]"}]}"#,
    ]
  )
  func refused(body: String) throws {
    let test = try TollTest()
    let answer = try Client(port: test.toll.port)
      .send("POST", "/v1/chat/completions", body: Array(body.utf8))
    #expect(answer.status == 400)
    #expect(answer.json?["error"]?["message"]?.string?.isEmpty == false)
    #expect(try test.lastRequest()["charged"] == false)
  }

  @Test("a model that is not offered is not found")
  func models() throws {
    let test = try TollTest("--model", "toll-1", "--model", "toll-2")
    #expect(try test.chat("a").status == 200)
    #expect(try test.chat("a", [("model", "toll-3")]).status == 400)
    let other = try test.send(
      "POST",
      "/v1/chat/completions",
      json: ["model": "toll-3", "messages": [["role": "user", "content": "a"]]]
    )
    #expect(other.status == 404)
    let names = try test.send("GET", "/v1/models").json?["data"]?.array ?? []
    #expect(names.compactMap { $0["id"]?.string } == ["toll-1", "toll-2"])
  }
}
