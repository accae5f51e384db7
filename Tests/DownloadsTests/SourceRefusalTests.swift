import Downloads
import Foundation
import Primitives
import Store
import TestSupport
import Testing
import Transfer

@Suite("Files that cannot be had")
struct SourceRefusalTests {
  @Test("redirects are followed, and nothing but HTTP")
  func redirects() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 20)
    let server = try ScriptedServer { request in
      request.target == "/old"
        ? .answer(302, "", headers: ["Location": "/new"]) : file.answer(request)
    }
    defer { server.stop() }
    #expect(try await rig.bytes(file.source(at: server, path: "/old")) == file.bytes)
    #expect(server.received.map(\.target) == ["/old", "/new"])
  }

  @Test(
    "redirects that are not followed",
    arguments: [
      ("file:///etc/passwd", "redirects to an address that is not used"),
      ("http://me:secret@127.0.0.1/", "redirects to an address that is not used"),
      ("/loop", "redirects more than 10 times"),
    ]
  )
  func badRedirects(target: String, message: String) async throws {
    let rig = try await SourceRig()
    let server = try ScriptedServer { _ in .answer(302, "", headers: ["Location": target]) }
    defer { server.stop() }
    let source = PublishedFile(lines: 1).source(at: server)
    let failure = try #require(try await rig.failure(source))
    #expect(failure.message.contains(message))
    #expect(!failure.description.contains("secret"))
  }

  @Test("what will not change is said at once", arguments: [401, 403, 404, 410, 400])
  func final(status: Int) async throws {
    let rig = try await SourceRig()
    var file = PublishedFile(lines: 1)
    file.statuses = [1: status]
    let server = try ScriptedServer { [file] in file.answer($0) }
    defer { server.stop() }
    let failure = try #require(try await rig.failure(file.source(at: server)))
    #expect(failure.message.hasPrefix("the server answers \(status) "))
    #expect(failure.message.hasSuffix("for '\(server.url)/train.jsonl'"))
    #expect(failure.hint != nil)
    #expect(server.received.count == 1)
    #expect(rig.waits.all == [])
  }

  @Test("what may pass is tried again, as long after as the server asks")
  func passing() async throws {
    let rig = try await SourceRig()
    var file = PublishedFile(lines: 1)
    file.statuses = [1: 503, 2: 429]
    file.headers = ["Retry-After": "7"]
    let server = try ScriptedServer { [file] in file.answer($0) }
    defer { server.stop() }
    #expect(try await rig.bytes(file.source(at: server)) == file.bytes)
    #expect(rig.waits.all == [.seconds(7), .seconds(7)])
  }

  @Test("nobody is waited for longer than two minutes at a time")
  func tooLate() async throws {
    let rig = try await SourceRig()
    let server = try ScriptedServer { _ in .answer(429, "", headers: ["Retry-After": "3600"]) }
    defer { server.stop() }
    let failure = try await rig.failure(PublishedFile(lines: 1).source(at: server))
    #expect(failure?.message.contains("429 Too Many Requests") == true)
    #expect(rig.waits.all == [])
  }

  @Test("a server that never answers is given up after five attempts, each later than the last")
  func unreachable() async throws {
    let rig = try await SourceRig()
    let source = RemoteSource.file(
      RemoteFile(url: "http://127.0.0.1:\(try Sockets.closedPort())/x", digest: Digest(of: "x"))
    )
    let failure = try #require(try await rig.failure(source))
    #expect(failure.message.contains("/x' cannot be fetched: "))
    #expect(failure.hint?.contains("distill import") == true)
    #expect(rig.waits.all == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
  }

  @Test("an answer that stays shorter than it says is an error with both counts, and is kept")
  func short() async throws {
    let rig = try await SourceRig()
    var file = PublishedFile(lines: 1000)
    file.cuts = Dictionary(uniqueKeysWithValues: (1...9).map { ($0, $0 == 1 ? 500 : 0) })
    let server = try ScriptedServer { [file] in file.answer($0) }
    defer { server.stop() }
    let source = file.source(at: server)
    let failure = try #require(try await rig.failure(source))
    #expect(
      failure.message.contains("was not fetched whole: 500 of \(file.bytes.count) bytes came")
    )
    #expect(rig.partials == ["\(file.digest.hex).part", "\(file.digest.hex).part.json"])
    #expect(rig.store.objects.find(file.digest) == nil)
  }

  @Test("a file above the limit is refused by what the server announces")
  func tooLarge() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 1000)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    let failure = try await rig.failure(file.source(at: server), rig.shelf { $0.largestFile = 100 })
    #expect(
      failure?.message.contains("has \(file.bytes.count) bytes, more than the limit of 100") == true
    )
    #expect(server.received.count == 1)
  }

  @Test("a shelf that may not fetch says what is missing, and what to do")
  func closed() async throws {
    let rig = try await SourceRig()
    let source = RemoteSource.file(
      RemoteFile(url: "https://example.org/x", digest: Digest(of: "x"))
    )
    let looking = try await rig.failure(source, SourceShelf(rig.store))
    #expect(
      looking?.message
        == "'https://example.org/x' is not in the store, and this command fetches nothing"
    )
    let frozen = try await rig.failure(source, SourceShelf(rig.store, access: .frozen))
    #expect(
      frozen?.message
        == "'https://example.org/x' is not in the store, and --frozen makes no network call"
    )
  }

  @Test("a folder that cannot be written is said with the system's reason")
  func disk() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 10)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    // A file where the folder should be.
    try Data().write(to: URL(fileURLWithPath: "\(rig.store.path)/downloads"))
    await #expect(throws: SystemError.self) { try await rig.bytes(file.source(at: server)) }
  }

  @Test("partial files that nobody touched for a month go, and young ones stay")
  func sweep() async throws {
    let rig = try await SourceRig()
    let (old, young) = (PublishedFile(lines: 2), PublishedFile(lines: 3))
    let server = try ScriptedServer { PublishedFile(lines: 1).answer($0) }
    defer { server.stop() }
    try rig.leave([1], of: old.source(at: server))
    try rig.leave([2], of: young.source(at: server))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -40 * 24 * 3600)],
      ofItemAtPath: "\(rig.store.path)/downloads/\(old.digest.hex).part"
    )
    _ = try await rig.bytes(PublishedFile(lines: 1).source(at: server))
    #expect(rig.partials == ["\(young.digest.hex).part"])
  }
}
