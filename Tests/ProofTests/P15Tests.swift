import Foundation
import Primitives
import TestSupport
import Testing

/// P15: the key goes to one origin.
@Suite("P15", .serialized)
struct P15Tests {
  private static let key = "canary-7351"
  private static let statuses = [301, 302, 303, 307, 308]

  @Test("redirects are not followed: the other server sees nothing, and the message names it")
  func redirects() throws {
    var proof = Proof("P15")
    let other = try ScriptedServer { _ in .answer(200, "{}") }
    defer { other.stop() }
    let port = other.port
    let places: [(name: String, location: String, host: String)] = [
      (
        "same host, other port", "http://127.0.0.1:\(port)/v1/chat/completions", "127.0.0.1:\(port)"
      ),
      ("other host", "http://localhost:\(port)/v1/chat/completions", "localhost:\(port)"),
      ("user-info", "http://127.0.0.1@localhost:\(port)/v1", "localhost:\(port)"),
      ("IP literal", "http://2130706433:\(port)/v1", "127.0.0.1:\(port)"),
      ("without a scheme", "//localhost:\(port)/v1", "localhost:\(port)"),
      ("file", "file:///etc/hostname", "file:"),
      ("gopher", "gopher://127.0.0.1:\(port)/_GET%20/", "gopher:"),
    ]
    for place in places {
      for status in Self.statuses {
        let origin = try ScriptedServer { _ in
          .answer(status, "{}", headers: ["Location": place.location])
        }
        defer { origin.stop() }
        try meet(
          "\(origin.url)/v1",
          place.host,
          "\(status) to \(place.name)",
          sent: { origin.received.count }
        )
        proof.count("redirects")
      }
    }
    #expect(other.connections == 0, "\(other.received.map(\.headers))")
    try proof.report()
  }

  @Test("nor from https to http")
  func downgrade() throws {
    let other = try ScriptedServer { _ in .answer(200, "{}") }
    defer { other.stop() }
    for status in Self.statuses {
      let host = "127.0.0.1:\(other.port)"
      let origin = try SecureServer(status: status, location: "http://\(host)/v1/chat/completions")
      try meet(
        "https://localhost:\(origin.port)/v1",
        host,
        "\(status) to http",
        environment: ["CURL_CA_BUNDLE": origin.certificate],
        sent: { origin.requests }
      )
    }
    #expect(other.connections == 0)
  }

  @Test("plain http with a key is refused, except on loopback")
  func plain() throws {
    let project = try Project(rows: 2)
    for host in ["192.0.2.1", "example.com", "10.0.0.1"] {
      try write(project, "http://\(host)/v1")
      let run = try project.run(environment: ["PROOF_KEY": Self.key])
      #expect(run.status == 2, "\(host): \(run.error)")
    }
    let server = try TollServer()
    try write(project, server.url)
    #expect(try project.run(environment: ["PROOF_KEY": Self.key]).status == 0)
  }

  private func write(_ project: Project, _ url: String) throws {
    try project.write(url, Project.Settings(concurrency: 1, model: "api_key: {env: PROOF_KEY}"))
  }

  /// Runs against an origin that redirects: it stops after one request, and says where it was sent.
  private func meet(
    _ url: String,
    _ host: String,
    _ place: String,
    environment: [String: String] = [:],
    sent: () -> Int
  ) throws {
    let project = try Project(rows: 3)
    try write(project, url)
    let run = try Tool.run(
      ["run", "w.yaml", "--cache", project.cache()],
      in: project.path,
      environment: environment.merging(["PROOF_KEY": Self.key]) { $1 }
    )
    #expect(run.status == 1, "\(place): \(run.error)")
    #expect(run.error.contains(host), "\(place): \(run.error)")
    #expect(!run.error.contains(Self.key), "\(place)")
    #expect(sent() == 1, "\(place): \(sent()) requests")
  }
}

/// An https origin that answers every POST with a redirect; Python's, with a certificate of its own.
private final class SecureServer {
  struct DidNotStart: Error {}

  let port: Int
  private let folder: TemporaryFolder
  private let process = Process()
  private let input = Pipe()

  var certificate: String { "\(folder.path)/certificate.pem" }
  var requests: Int { (try? folder.read("requests").count) ?? 0 }

  init(status: Int, location: String) throws {
    folder = try TemporaryFolder()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script, "\(status)", location]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(line.filter(\.isNumber)) else { throw DidNotStart() }
    self.port = port
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private static let script = """
    import http.server, os, ssl, subprocess, sys, threading

    status, location = int(sys.argv[1]), sys.argv[2]
    subprocess.run(
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
      " -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem",
      shell=True, check=True, stderr=subprocess.DEVNULL)

    class Handler(http.server.BaseHTTPRequestHandler):
      protocol_version = "HTTP/1.1"
      def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        with open("requests", "a") as file: file.write("x")
        self.send_response(status)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()
      def log_message(self, *_): pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("certificate.pem", "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    """
}
