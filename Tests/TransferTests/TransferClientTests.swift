import TestSupport
import Testing
import Transfer

@Suite("One request, one answer")
struct TransferClientTests {
  @Test("sends method, headers and body, and brings back status, headers and body")
  func exchangesWholeMessages() async throws {
    let server = try ScriptedServer { _ in
      .answer(201, #"{"ok":true}"#, headers: ["X-Mark": "blue "])
    }
    defer { server.stop() }
    let request = HTTPRequest(
      .post,
      "\(server.url)/v1/things?x=1",
      headers: [HTTPHeader("Content-Type", "application/json"), HTTPHeader("X-Empty", "")],
      body: .bytes(Array("héllo".utf8))
    )
    let response = try await TransferClient().perform(request).answered()
    #expect(response.status == 201)
    #expect(response.header("x-mark") == "blue")
    #expect(String(decoding: response.body, as: UTF8.self) == #"{"ok":true}"#)

    let received = try #require(server.received.first)
    #expect(received.method == "POST")
    #expect(received.target == "/v1/things?x=1")
    #expect(received.header("content-length") == "6")
    #expect(received.header("content-type") == "application/json")
    #expect(received.header("x-empty")?.isEmpty == true)
    #expect(received.header("expect") == nil)
    #expect(received.text == "héllo")
  }

  @Test("keeps a connection for the next request")
  func reusesConnections() async throws {
    let server = try ScriptedServer { _ in .answer(200, "{}") }
    defer { server.stop() }
    let client = TransferClient()
    for _ in 0..<5 { _ = try await client.perform(.toll(server)).answered() }
    #expect(server.received.count == 5)
    #expect(server.connections == 1)
  }

  @Test("speaks GET, DELETE, and POST without a body")
  func sendsEveryMethod() async throws {
    let server = try ScriptedServer { _ in .answer(200, "{}") }
    defer { server.stop() }
    let client = TransferClient()
    for method in [HTTPRequest.Method.get, .delete, .post] {
      _ = try await client.perform(HTTPRequest(method, server.url)).answered()
    }
    #expect(server.received.map(\.method) == ["GET", "DELETE", "POST"])
    #expect(server.received.map { $0.body.count } == [0, 0, 0])
  }

  @Test("connects to a Unix domain socket")
  func speaksOverUnixSocket() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/s"
    let server = try ScriptedServer(unixSocket: path) { _ in .answer(200, "{}") }
    defer { server.stop() }
    let request = HTTPRequest(
      .post,
      "http://localhost/v1/x",
      unixSocket: path,
      body: .bytes([1, 2])
    )
    _ = try await TransferClient().perform(request).answered()
    #expect(server.received.first?.target == "/v1/x")
    #expect(server.received.first?.body == [1, 2])
  }

  @Test("uploads a file as a form without holding it in memory")
  func uploadsFiles() async throws {
    let folder = try TemporaryFolder()
    let content = (0..<50_000).map { "line \($0)\n" }.joined()
    let path = try folder.write(content, to: "rows.jsonl")
    let server = try ScriptedServer { _ in .answer(200, "{}") }
    defer { server.stop() }

    var form = MultipartForm(boundary: "b0undary")
    form.add(field: "purpose", value: "fine-tune")
    form.add(field: "file", file: path, named: "a \"b\".jsonl")
    let request = HTTPRequest(
      .post,
      server.url,
      headers: [HTTPHeader("Content-Type", form.contentType)],
      body: form.body
    )
    _ = try await TransferClient().perform(request).answered()

    let expected =
      "--b0undary\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
      + "--b0undary\r\nContent-Disposition: form-data; name=\"file\"; "
      + "filename=\"a %22b%22.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n"
      + content + "\r\n--b0undary--\r\n"
    #expect(server.received.first?.text == expected)
    #expect(
      server.received.first?.header("content-type") == "multipart/form-data; boundary=b0undary"
    )
  }

  @Test("carries 64 requests at once")
  func runsManyAtOnce() async throws {
    let server = try ScriptedServer { .answer(200, $0.text) }
    defer { server.stop() }
    let client = TransferClient()
    let bodies = await withTaskGroup(of: String?.self) { group in
      for number in 0..<64 {
        group.addTask {
          let outcome = await client.perform(.toll(server, body: "call \(number)"))
          return (try? outcome.answered()).map { String(decoding: $0.body, as: UTF8.self) }
        }
      }
      return await group.reduce(into: Set<String>()) { if let body = $1 { $0.insert(body) } }
    }
    #expect(bodies == Set((0..<64).map { "call \($0)" }))
    #expect(server.received.count == 64)
  }
}

extension HTTPOutcome {
  struct Unexpected: Error {
    let outcome: HTTPOutcome
  }

  func answered() throws -> HTTPResponse {
    guard case .response(let response) = self else { throw Unexpected(outcome: self) }
    return response
  }

  func failed() throws -> TransferFailure {
    guard case .failure(let failure) = self else { throw Unexpected(outcome: self) }
    return failure
  }
}

extension HTTPRequest {
  /// A request that a paid service would charge for.
  static func toll(
    _ server: ScriptedServer,
    body: String = "{}",
    limits: TransferLimits = TransferLimits()
  ) -> HTTPRequest {
    HTTPRequest(.post, "\(server.url)/v1", body: .bytes(Array(body.utf8)), limits: limits)
  }
}
