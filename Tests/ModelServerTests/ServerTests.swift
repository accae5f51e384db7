#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import ModelServer
import Primitives
import Foundation
import Store
import TestSupport
import Testing

/// The whole server over real sockets.
@Suite("The server", .timeLimit(.minutes(20)))
struct ServerTests {
  private static let chat: JSON = [
    "model": "tiny-a", "messages": [["role": "user", "content": "two apples"]], "max_tokens": 4,
  ]

  /// Runs a server for the length of a closure, which gets the ready line and a client.
  private func withServer<Value: Sendable>(
    _ test: TestService,
    _ change: (inout ServerOptions) -> Void = { _ in },
    _ use: @escaping @Sendable (JSON, RawClient) async throws -> Value
  ) async throws -> Value {
    var options = ServerOptions(
      address: .tcp(host: "127.0.0.1", port: 0),
      objects: test.store.objects,
      models: test.models
    )
    change(&options)
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    return try await withThrowingTaskGroup(of: Value?.self) { [options] group in
      group.addTask {
        try await ModelServer.run(options) { continuation.yield($0) }
        return nil
      }
      group.addTask {
        var iterator = lines.makeAsyncIterator()
        let line = try JSON(parsing: try #require(await iterator.next()))
        return try await use(line, try #require(Self.client(for: line)))
      }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw CancellationError()
    }
  }

  private static func client(for line: JSON) -> RawClient? {
    if let path = line["socket"]?.string { return RawClient(place: .socket(path)) }
    let address = line["url"]?.string?.split(separator: "/").dropFirst().first
    return address?.split(separator: ":").last.flatMap { UInt16($0) }
      .map { RawClient(place: .port($0)) }
  }

  @Test("listens on a free port of the loopback and says where")
  func tcp() async throws {
    let test = try await TestService()
    try await withServer(test) { line, client in
      #expect(line["type"] == "ready")
      #expect(line["url"]?.string?.hasPrefix("http://127.0.0.1:") == true)
      #expect(line["url"]?.string?.hasSuffix("/v1") == true)
      let response = try await client.send(
        "POST",
        "/v1/chat/completions",
        body: Self.chat.canonical
      )
      #expect(response.status == 200)
      #expect(response.head.contains("Content-Type: application/json"))
      #expect(response.json?["object"] == "chat.completion")
    }
  }

  @Test("listens on a socket in a folder that it makes private, and leaves none behind")
  func unixSocket() async throws {
    let test = try await TestService()
    let path = "\(test.folder.path)/private/s"
    try await withServer(test) {
      $0.address = .socket(path: path)
    } _: { line, client in
      #expect(line["socket"] == .string(path))
      var status = stat()
      #expect(stat("\(test.folder.path)/private", &status) == 0)
      #expect(UInt32(status.st_mode) & 0o777 == 0o700)
      let models = try await client.send("GET", "/v1/models")
      #expect(models.status == 200)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test("the socket of a dead server is replaced, that of a living one is not")
  func staleSocket() async throws {
    let test = try await TestService()
    let path = "\(test.folder.path)/s"
    let listen: (inout ServerOptions) -> Void = { $0.address = .socket(path: path) }
    try await withServer(test, listen) { _, _ in
      var options = ServerOptions(
        address: .socket(path: path),
        objects: test.store.objects,
        models: [:]
      )
      await #expect(throws: ListenError.socketInUse(path)) { try await ModelServer.run(options) }
      options.address = .socket(path: try test.folder.write("", to: "file"))
      await #expect(throws: ListenError.self) { try await ModelServer.run(options) }
    }
    try Self.leaveDeadSocket(at: path)
    try await withServer(test, listen) { _, client in
      let models = try await client.send("GET", "/v1/models")
      #expect(models.status == 200)
    }
  }

  /// What a killed server leaves: a file that was bound and that nobody listens at.
  private static func leaveDeadSocket(at path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    #if canImport(Glibc)
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    let code = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(code == 0)
  }

  @Test("a socket where others could connect is refused")
  func openFolder() async throws {
    let test = try await TestService()
    let folder = "\(test.folder.path)/open"
    try test.folder.write("", to: "open/file")
    #expect(chmod(folder, 0o755) == 0)
    let options = ServerOptions(
      address: .socket(path: "\(folder)/s"),
      objects: test.store.objects,
      models: [:]
    )
    await #expect(throws: ListenError.folderNotPrivate(folder, mode: 0o755)) {
      try await ModelServer.run(options)
    }
  }

  @Test(
    "an address that others can reach wants a token",
    arguments: ["0.0.0.0", "::", "192.168.0.1", "127.0.0.1.example.org", "127.1"]
  )
  func openAddress(host: String) async throws {
    let test = try await TestService()
    let options = ServerOptions(
      address: .tcp(host: host, port: 0),
      objects: test.store.objects,
      models: [:]
    )
    await #expect(throws: ListenError.openToOthers(host)) { try await ModelServer.run(options) }
  }

  @Test("a named folder without a checkpoint is refused at once")
  func missingModel() async throws {
    let test = try await TestService()
    let folder = "\(test.folder.path)/no-model"
    let options = ServerOptions(
      address: .tcp(host: "127.0.0.1", port: 0),
      objects: test.store.objects,
      models: test.models.merging(["x": folder]) { $1 }
    )
    let missing = SystemError("read", path: "\(folder)/config.json", code: ENOENT)
    await #expect(throws: missing) { try await ModelServer.run(options) }
  }

  @Test("other addresses that cannot be used are refused")
  func badAddresses() async throws {
    let test = try await TestService()
    var options = ServerOptions(
      address: .tcp(host: "nowhere", port: 0),
      objects: test.store.objects,
      models: [:],
      token: "t"
    )
    await #expect(throws: ListenError.unknownHost("nowhere")) {
      try await ModelServer.run(options)
    }
    let path = "/tmp/" + String(repeating: "x", count: 99)
    options.address = .socket(path: path)
    await #expect(throws: ListenError.socketPathTooLong(path, limit: 103)) {
      try await ModelServer.run(options)
    }
    try await withServer(test) { line, client in
      guard case .port(let port) = client.place else { return }
      let taken = ServerOptions(
        address: .tcp(host: "127.0.0.1", port: port),
        objects: test.store.objects,
        models: [:]
      )
      let error = await #expect(throws: ListenError.self) { try await ModelServer.run(taken) }
      let reason = String(cString: strerror(EADDRINUSE))
      #expect(error?.description == "cannot listen at 127.0.0.1:\(port): \(reason)")
    }
  }

  @Test("with a token, requests without it are refused and not handled")
  func token() async throws {
    let test = try await TestService()
    let log = "\(test.folder.path)/requests"
    try await withServer(test) {
      $0.token = "open sesame"
      $0.requestLog = log
    } _: { _, client in
      let wrong: [[String: String]] = [
        [:], ["Authorization": "Bearer"], ["Authorization": "Bearer open"],
        ["Authorization": "Basic open sesame"], ["Authorization": "open sesame"],
      ]
      for headers in wrong {
        let response = try await client.send("GET", "/v1/models", headers: headers)
        #expect(response.status == 401)
        #expect(response.json?["error"]?["code"] == "invalid_api_key")
        #expect(response.head.contains("WWW-Authenticate: Bearer"))
      }
      let right = ["Authorization": "bearer open sesame"]
      let models = try await client.send("GET", "/v1/models", headers: right)
      #expect(models.status == 200)
    }
    #expect(try test.folder.read("requests").split(separator: "\n").count == 1)
  }

  @Test("without a token, what a web page sends is refused")
  func webPages() async throws {
    let test = try await TestService()
    let page = ["Origin": "https://example.org", "Content-Type": "text/plain"]
    try await withServer(test) { _, client in
      let response = try await client.send(
        "POST",
        "/v1/chat/completions",
        headers: page,
        body: Self.chat.canonical
      )
      #expect(response.status == 403)
      #expect(response.json?["error"]?["code"] == "origin_refused")
    }
    try await withServer(test) {
      $0.token = "t"
    } _: { _, client in
      let headers = page.merging(["Authorization": "Bearer t"]) { $1 }
      let response = try await client.send("GET", "/v1/models", headers: headers)
      #expect(response.status == 200)
    }
  }

  @Test("without a token, a name that is not this machine's is refused")
  func otherNames() async throws {
    let test = try await TestService()
    try await withServer(test) { _, client in
      for host in ["rebound.example", "rebound.example:8080", "127.0.0.1.example", "[::2]:80", ""] {
        let response = try await client.send("GET", "/v1/files", headers: ["Host": host])
        #expect(response.status == 403, "\(host)")
        #expect(response.json?["error"]?["code"] == "host_refused", "\(host)")
      }
      for host in ["localhost", "LocalHost:1", "127.0.0.1:8080", "[::1]:8080", "[::1]"] {
        let response = try await client.send("GET", "/v1/files", headers: ["Host": host])
        #expect(response.status == 200, "\(host)")
      }
    }
    try await withServer(test) {
      $0.token = "t"
    } _: { _, client in
      let headers = ["Host": "models.example", "Authorization": "Bearer t"]
      let response = try await client.send("GET", "/v1/models", headers: headers)
      #expect(response.status == 200)
    }
  }

  @Test("the log has a line for each request, and goes on where it was")
  func requestLog() async throws {
    let test = try await TestService()
    let log = "\(test.folder.path)/requests"
    for _ in 0..<2 {
      try await withServer(test) {
        $0.requestLog = log
      } _: { _, client in
        _ = try await client.send("POST", "/v1/chat/completions", body: Self.chat.canonical)
        _ = try await client.send("GET", "/v1/models?x=1")
      }
    }
    let digest = Digest(of: Self.chat.canonical).hex
    let empty = Digest(of: "").hex
    #expect(
      try test.folder.read("requests") == """
        {"n":1,"method":"POST","path":"/v1/chat/completions","sha256":"\(digest)"}
        {"n":2,"method":"GET","path":"/v1/models","sha256":"\(empty)"}
        {"n":3,"method":"POST","path":"/v1/chat/completions","sha256":"\(digest)"}
        {"n":4,"method":"GET","path":"/v1/models","sha256":"\(empty)"}

        """
    )
  }

  @Test("64 connections at once each get their own answer")
  func manyConnections() async throws {
    let test = try await TestService()
    let answers = try await withServer(test) { _, client in
      try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
        for index in 0..<64 {
          group.addTask {
            var body = Self.chat.object ?? JSONObject()
            body["seed"] = JSON(index)
            let response = try await client.send(
              "POST",
              "/v1/chat/completions",
              body: JSON.object(body).canonical
            )
            return (index, response.body)
          }
        }
        return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
      }
    }
    #expect(answers.count == 64)
    for index in 0..<64 {
      var body = Self.chat.object ?? JSONObject()
      body["seed"] = JSON(index)
      let direct = try await test.post(
        "/v1/chat/completions",
        text: JSON.object(body).canonicalText
      )
      #expect(direct.status == 200)
      #expect(answers[index] == direct.body)
    }
  }

  @Test("a connection is kept for the next request, also behind a refused upload")
  func keptConnection() async throws {
    let test = try await TestService()
    try await withServer(test) {
      $0.token = "t"
    } _: { _, client in
      let upload = [UInt8](repeating: 0x41, count: 5 << 20)
      let refused =
        "POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: \(upload.count)\r\n\r\n"
      let next =
        "GET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n"
        + "Connection: close\r\n\r\n"
      let bytes = try await client.raw(Array(refused.utf8) + upload + Array(next.utf8))
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 401 "))
      #expect(text.contains("HTTP/1.1 200 OK"))
      #expect(text.components(separatedBy: "HTTP/1.1 ").count == 3)
    }
  }

  @Test("broken requests and clients that go away leave the server as it was")
  func brokenClients() async throws {
    let test = try await TestService()
    try await withServer(test) { _, client in
      let post = "POST /v1/chat/completions HTTP/1.1\r\nConnection: close\r\n"
      let broken = [
        "GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET http://[::1/ HTTP/1.1\r\n\r\n", "\(post)Content-Length: 5\r\n\r\nab",
        "\(post)Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\(post)Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nab",
      ]
      for text in broken { _ = try await client.raw(Array(text.utf8), reads: false) }
      let body = Self.chat.canonical
      let whole = Array("\(post)Content-Length: \(body.count)\r\n\r\n".utf8) + body
      for _ in 0..<50 { _ = try await client.raw(whole, reads: false) }
      let response = try await client.send("POST", "/v1/chat/completions", body: body)
      #expect(response.status == 200)
    }
  }

  @Test("a large file in chunks comes back whole")
  func largeUpload() async throws {
    let test = try await TestService()
    try await withServer(test) { _, client in
      let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let form = Form(fields: [("purpose", "fine-tune")], file: content, name: "big")
      let headers = ["Content-Type": form.contentType]
      let kept = try await client.send("POST", "/v1/files", headers: headers, body: form.body)
      #expect(kept.json?["bytes"] == 3_000_000)
      let id = try #require(kept.json?["id"]?.string)
      let back = try await client.send("GET", "/v1/files/\(id)/content")
      #expect(back.body == content)
    }
  }
}
