import Primitives
import TestSupport
import Testing

/// Servers that refuse: told at once where there is no use in asking again, and nothing is lost.
@Suite("Bad endpoints")
struct BadEndpointTests {
  @Test("nobody listens: each call stays unsent, and the run says what to do")
  func connectionRefused() throws {
    let model = try ScriptedModel()
    try model.write(url: "http://127.0.0.1:\(Sockets.closedPort())")
    let result = try model.run()
    #expect(result.status == 1)
    #expect(result.error.contains("model 'scripted' at 'http://127.0.0.1:"), "\(result.error)")
    #expect(result.error.contains("cannot be reached"), "\(result.error)")
    #expect(result.error.contains("hint: "), "\(result.error)")
    #expect(try inDoubt(model) == 0)
    // A server that is there later is asked for all of it.
    try model.write()
    #expect(try model.run().status == 0)
    #expect(model.server.received.count == 5)
  }

  @Test("401: no second try, no other row")
  func wrongKey() throws {
    let model = try ScriptedModel(rows: 40) { _ in
      .answer(401, ScriptedModel.error("no such key"))
    }
    try model.write()
    let result = try model.run()
    #expect(result.status == 1)
    #expect(result.error.contains("answered 401: no such key"), "\(result.error)")
    #expect(result.error.contains("hint: check whether it wants api_key"), "\(result.error)")
    // Those in flight at the first refusal, and none after it.
    #expect(model.server.received.count <= 4)
    #expect(try inDoubt(model) == 0)
  }

  @Test("a redirect is not followed, and its address is told")
  func redirect() throws {
    let other = try ScriptedModel()
    let target = "\(other.server.url)/v1/chat/completions"
    let model = try ScriptedModel { _ in .answer(307, headers: ["Location": target]) }
    try model.write()
    let result = try model.run()
    #expect(result.status == 1)
    #expect(result.error.contains("redirects to '\(target)'"), "\(result.error)")
    #expect(result.error.contains("write its address as base_url"), "\(result.error)")
    #expect(other.server.received.isEmpty)
  }

  @Test("500 for some rows: the others are kept, the next run asks for the rest only")
  func failingRows() throws {
    let isMended = Flag()
    let model = try ScriptedModel { request in
      request.text.contains("nuts") && !isMended.isSet
        ? .answer(500, ScriptedModel.error("out of order"))
        : ScriptedModel.answering(request)
    }
    try model.write()
    let first = try model.run()
    #expect(first.status == 1)
    #expect(first.error.contains("1 of 5 calls have no answer (answered 500: out of order)"))
    #expect(first.error.contains("the 4 answers there are kept"), "\(first.error)")
    #expect(try inDoubt(model) == 0)

    isMended.set()
    let before = model.server.received.count
    let second = try model.run("--json")
    #expect(second.status == 0)
    #expect(second.calls("made") == 1)
    #expect(second.calls("reused") == 4)
    #expect(model.server.received.count == before + 1)
  }

  private func inDoubt(_ model: ScriptedModel) throws -> Int? {
    try Distill.run("status", "--json", in: model.folder.path).summary["in_doubt"]?.int
  }
}
