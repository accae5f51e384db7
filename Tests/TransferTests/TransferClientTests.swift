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

  @Test("speaks every method, with and without a body, one behind the other")
  func sendsEveryMethod() async throws {
    let server = try ScriptedServer { _ in .answer(200, "{}") }
    defer { server.stop() }
    let client = TransferClient()
    let large = [UInt8](repeating: 66, count: 100_000)
    let requests: [(HTTPRequest.Method, [UInt8])] = [
      (.get, []), (.delete, []), (.post, []), (.put, [1, 2]), (.post, large), (.get, []),
      (.post, [3]), (.delete, []), (.put, large), (.post, [4, 5]),
    ]
    for (number, (method, body)) in requests.enumerated() {
      let request = HTTPRequest(
        method,
        "\(server.url)/\(number)",
        headers: [HTTPHeader("X-Same", "yes"), HTTPHeader("X-Number", "\(number)")],
        body: .bytes(body)
      )
      _ = try await client.perform(request).answered()
    }
    #expect(server.received.map(\.method) == requests.map { $0.0.rawValue })
    #expect(server.received.map(\.body) == requests.map { $0.1 })
    #expect(server.received.map { $0.header("x-number") } == requests.indices.map { "\($0)" })
    #expect(server.received.allSatisfy { $0.header("x-same") == "yes" })
    #expect(server.received.allSatisfy { $0.header("expect") == nil })
  }

  @Test("nothing of a request shows in the next one on the same connection")
  func startsAnew() async throws {
    let server = try ScriptedServer { _ in .answer(200, "{}", headers: ["X-Mark": "1"]) }
    defer { server.stop() }
    let client = TransferClient()
    let secret = [HTTPHeader("Authorization", "Bearer a"), HTTPHeader("X-Empty", "")]
    let first = HTTPRequest(.post, server.url, headers: secret, body: .bytes([1]))
    _ = try await client.perform(first).answered()
    let second = try await client.perform(HTTPRequest(.get, server.url)).answered()
    #expect(second.headers.filter { $0.name == "X-Mark" }.count == 1)
    #expect(server.connections == 1)
    let names = server.received[1].headers.map { $0.name.lowercased() }.sorted()
    #expect(names == ["accept", "host"])
  }

  @Test("headers are found whatever their case, and only whole names")
  func findsHeaders() async throws {
    let lines = ["X-Reset: 1\r\n", "x-reset-requests:\t 12ms \r\n", "Empty:\r\n"]
    let server = try ScriptedServer { _ in
      [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(lines.joined())\r\n".utf8))]
    }
    defer { server.stop() }
    let response = try await TransferClient().perform(HTTPRequest(.get, server.url)).answered()
    #expect(response.header("x-RESET") == "1")
    #expect(response.header("X-Reset-Requests") == "12ms")
    #expect(response.header("empty")?.isEmpty == true)
    #expect(response.header("x-res") == nil)
    #expect(
      response.headers.map(\.name) == ["Content-Length", "X-Reset", "x-reset-requests", "Empty"]
    )
  }

  @Test("saves the body of a success to a new file, any other in memory")
  func savesToFile() async throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "line\n", count: 100_000)
    let server = try ScriptedServer { request in
      request.target == "/missing" ? .answer(404, "no") : .answer(200, text)
    }
    defer { server.stop() }
    let client = TransferClient()
    func fetch(_ path: String, to name: String) async -> HTTPOutcome {
      await client.perform(
        HTTPRequest(.get, server.url + path, saveTo: "\(folder.path)/\(name)")
      )
    }
    let response = try await fetch("/there", to: "saved").answered()
    #expect(response.body.isEmpty)
    #expect(try folder.read("saved") == text)
    let missing = try await fetch("/missing", to: "missing").answered()
    #expect(missing.body == Array("no".utf8))
    #expect(throws: (any Error).self) { try folder.read("missing") }
    let again = try await fetch("/there", to: "saved").failed()
    #expect(again.cause == .notSaved)
    #expect(again.message == "cannot make '\(folder.path)/saved': File exists")
    #expect(try folder.read("saved") == text)
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
