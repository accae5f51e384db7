import Foundation
import Primitives
import TestSupport
import Testing

/// Datasets that lie elsewhere, from `check` to `rerun`.
@Suite("Sources")
struct SourceTests {
  /// A file of rows on a server of the tests, and a workflow that reads it.
  private struct Published {
    let folder: TemporaryFolder
    let server: ScriptedServer
    let bytes: [UInt8]

    init(rows: Int = 50, cutAt cut: Int? = nil, sha256: String? = nil) throws {
      folder = try TemporaryFolder()
      bytes = Array(
        (0..<rows).map { #"{"id":"\#($0)","question":"what is \#($0)?"}"# + "\n" }.joined().utf8
      )
      server = try ScriptedServer { [bytes] request in
        Self.answer(request, bytes, cutAt: request.number == 1 ? cut : nil)
      }
      let digest = sha256 ?? Digest(of: bytes).hex
      try folder.write(
        """
        nodes:
          rows: {kind: dataset, format: jsonl, url: "\(server.url)/rows.jsonl", sha256: \(digest)}
          few: {kind: dataset, data: rows, limit: 5}

        """,
        to: "w.yaml"
      )
    }

    private static func answer(
      _ request: ScriptedServer.Received,
      _ bytes: [UInt8],
      cutAt cut: Int?
    ) -> [ScriptedServer.Step] {
      let start = request.header("Range").flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
      let status = start > 0 ? 206 : 200
      let range = "Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)\r\n"
      let head =
        "HTTP/1.1 \(status) Status\r\nContent-Length: \(bytes.count - start)\r\nETag: \"1\"\r\n"
        + (start > 0 ? range : "") + "\r\n"
      let rest = bytes[start...]
      guard let cut else { return [.send(Array(head.utf8) + rest)] }
      return [.send(Array(head.utf8) + rest.prefix(cut)), .stall]
    }

    func distill(_ arguments: String...) throws -> Distill.Result {
      let (process, outputs) = try Distill.start(
        arguments + ["--cache", "cache"],
        in: folder.path
      )
      process.waitUntilExit()
      return Distill.Result(
        status: process.terminationStatus,
        output: try outputs.read("out"),
        error: try outputs.read("err")
      )
    }

    var requests: [ScriptedServer.Received] { server.received }
  }

  @Test("check and plan fetch nothing and say what is to be fetched; run fetches it once")
  func once() throws {
    let data = try Published()
    defer { data.server.stop() }
    let check = try data.distill("check", "w.yaml")
    #expect(check.status == 0, "\(check.error)")
    #expect(check.error.contains("note: '\(data.server.url)/rows.jsonl' is not in the store"))
    let plan = try data.distill("plan", "w.yaml")
    #expect(plan.output.contains("to run: to fetch '\(data.server.url)/rows.jsonl', size unknown"))
    #expect(plan.output.contains("few   unknown: waits on rows"))
    #expect(plan.output.contains("1 source to fetch: only 'run' does so"))
    let json = try data.distill("plan", "w.yaml", "--json").summary
    let fetch = json["instances"]?.array?.first?["fetches"]?.array?.first
    #expect(fetch?["sha256"]?.string == Digest(of: data.bytes).hex)
    #expect(data.requests.isEmpty)

    let run = try data.distill("run", "w.yaml")
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error.contains("fetched '\(data.server.url)/rows.jsonl'"))
    #expect(data.requests.count == 1)
    let shown = try data.distill("show", "last", "--json").summary
    let rows = shown["instances"]?.array?.first { $0["id"]?.string == "rows" }
    let source = rows?["facts"]?["source"]
    #expect(source?["sha256"]?.string == Digest(of: data.bytes).hex)
    #expect(source?["bytes"]?.int == data.bytes.count)
    #expect(source?["url"]?.string == "\(data.server.url)/rows.jsonl")

    // Neither other rows of it nor the past run again need the server.
    data.server.stop()
    let text = try data.folder.read("w.yaml")
    try data.folder.write(text.replacing("limit: 5", with: "limit: 7"), to: "w.yaml")
    #expect(try data.distill("run", "w.yaml", "--frozen").status == 0)
    let again = try data.distill("rerun", "last", "--fresh-all")
    #expect(again.status == 0, "\(again.error)")
    #expect(data.requests.count == 1)
  }

  @Test("the digest is the identity: another address with the same bytes changes nothing")
  func identity() throws {
    let data = try Published()
    defer { data.server.stop() }
    #expect(try data.distill("run", "w.yaml").status == 0)
    let text = try data.folder.read("w.yaml")
    try data.folder.write(text.replacing("rows.jsonl", with: "moved.jsonl"), to: "w.yaml")
    let plan = try data.distill("plan", "w.yaml")
    #expect(plan.output.contains("2 cached, 0 to run"), "\(plan.output)")
  }

  @Test("a run that is killed in a download goes on from there")
  func killed() throws {
    let data = try Published(rows: 5000, cutAt: 100_000)
    defer { data.server.stop() }
    let (process, _) = try Distill.start(
      ["run", "w.yaml", "--cache", "cache"],
      in: data.folder.path
    )
    let part = "\(data.folder.path)/cache/downloads/\(Digest(of: data.bytes).hex).part"
    func size() -> Int {
      (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int ?? 0
    }
    while process.isRunning, size() < 100_000 { usleep(2000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let run = try data.distill("run", "w.yaml")
    #expect(run.status == 0, "\(run.error)")
    #expect(data.requests.map { $0.header("Range") } == [nil, "bytes=100000-"])
    #expect(!FileManager.default.fileExists(atPath: part))
  }

  @Test("a signal in a download ends the run in order, and what came is kept")
  func stopped() throws {
    let data = try Published(rows: 5000, cutAt: 100_000)
    defer { data.server.stop() }
    let (process, outputs) = try Distill.start(
      ["run", "w.yaml", "--cache", "cache"],
      in: data.folder.path
    )
    let part = "\(data.folder.path)/cache/downloads/\(Digest(of: data.bytes).hex).part"
    func size() -> Int {
      (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int ?? 0
    }
    while process.isRunning, size() < 100_000 { usleep(2000) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(try outputs.read("err").contains("stopping: what was fetched is kept"))
    #expect(size() == 100_000)
    let runs = try data.distill("runs", "--json")
    #expect(runs.output.contains("interrupted"), "\(runs.output)")
  }

  @Test("a frozen run lists what it lacks")
  func frozen() throws {
    let data = try Published()
    defer { data.server.stop() }
    let run = try data.distill("run", "w.yaml", "--frozen")
    #expect(run.status == 1)
    #expect(run.error.contains("is not in the store, and --frozen makes no network call"))
    #expect(data.requests.isEmpty)
    let runs = "\(data.folder.path)/cache/runs"
    let id = try #require(FileManager.default.contentsOfDirectory(atPath: runs).first)
    let missing = try data.folder.read("cache/runs/\(id)/missing.jsonl")
    #expect(missing.contains("\(data.server.url)/rows.jsonl"))
  }

  @Test("other bytes than the digest's end the run with both digests")
  func wrong() throws {
    let other = Digest(of: "other").hex
    let data = try Published(sha256: other)
    defer { data.server.stop() }
    let run = try data.distill("run", "w.yaml")
    #expect(run.status == 2)
    #expect(run.error.contains("sha256 \(Digest(of: data.bytes).hex)"))
    #expect(run.error.contains("\(other) was expected"))
  }

  @Test("a url without a digest is an error that says how to get it")
  func unpinned() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "nodes:\n  rows: {kind: dataset, format: jsonl, url: \"https://example.org/rows.jsonl\"}\n",
      to: "w.yaml"
    )
    let check = try Distill.run("check", "w.yaml", in: folder.path)
    #expect(check.status == 2)
    #expect(check.error.contains("'rows' has a 'url' but no 'sha256'"))
    #expect(check.error.contains("distill import FILE"))
  }
}
