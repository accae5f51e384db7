import Downloads
import Foundation
import Primitives
import Store
import TestSupport
import Testing
import Transfer

@Suite("Published files")
struct SourceFileTests {
  @Test("a file is fetched once, and then the store has it")
  func once() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 5000)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    let source = file.source(at: server)
    #expect(try await rig.shelf().find(source) == nil)
    #expect(try await rig.bytes(source) == file.bytes)
    #expect(try await rig.bytes(source) == file.bytes)
    // Whoever asks for the same bytes at another address has them, too.
    let mirror = RemoteSource.file(RemoteFile(url: "http://127.0.0.1:1/x", digest: file.digest))
    #expect(try await rig.bytes(mirror) == file.bytes)
    #expect(server.received.count == 1)
    #expect(rig.partials == [])
    let steps = rig.progress.all
    #expect(steps.last?.isEnd == true)
    #expect(steps.dropLast().map(\.done) == steps.dropLast().map(\.done).sorted())
    #expect(steps.allSatisfy { $0.total == file.bytes.count })
  }

  @Test("no key goes along, and no packing is asked for")
  func headers() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 1)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    _ = try await rig.bytes(file.source(at: server))
    let request = try #require(server.received.first)
    #expect(request.header("Accept-Encoding") == "identity")
    #expect(request.header("Authorization") == nil)
    #expect(request.header("Cookie") == nil)
  }

  @Test("a download that is cut goes on where it was cut")
  func cut() async throws {
    let rig = try await SourceRig()
    var file = PublishedFile(lines: 3000)
    file.cuts = [1: 1000, 2: 50_000]
    let server = try ScriptedServer { [file] in file.answer($0) }
    defer { server.stop() }
    #expect(try await rig.bytes(file.source(at: server)) == file.bytes)
    #expect(
      server.received.map { $0.header("Range") } == [nil, "bytes=1000-", "bytes=51000-"]
    )
    #expect(server.received.map { $0.header("If-Range") } == [nil, "\"v1\"", "\"v1\""])
    // Each attempt brought something, so each wait is the first one.
    #expect(rig.waits.all == [.seconds(1), .seconds(1)])
  }

  @Test("what a killed process left is gone on from, also without its note of the tag")
  func resume() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 3000)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    try rig.leave(Array(file.bytes[..<7000]), of: file.source(at: server))
    #expect(try await rig.bytes(file.source(at: server)) == file.bytes)
    #expect(server.received.map { $0.header("Range") } == ["bytes=7000-"])
    #expect(rig.partials == [])
  }

  @Test("a file that is there whole already is only looked at")
  func whole() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 300)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    try rig.leave(file.bytes, of: file.source(at: server))
    #expect(try await rig.bytes(file.source(at: server)) == file.bytes)
    #expect(server.received.count == 1)
  }

  @Test("a server without ranges sends all of it again")
  func noRanges() async throws {
    let rig = try await SourceRig()
    var file = PublishedFile(lines: 3000)
    file.knowsRanges = false
    file.cuts = [1: 1000]
    let server = try ScriptedServer { [file] in file.answer($0) }
    defer { server.stop() }
    #expect(try await rig.bytes(file.source(at: server)) == file.bytes)
    #expect(server.received.count == 2)
  }

  @Test("a file that changed between two parts is fetched from its start")
  func changed() async throws {
    let rig = try await SourceRig()
    var old = PublishedFile(lines: 3000)
    old.bytes.reverse()
    old.cuts = [1: 4000]
    var new = PublishedFile(lines: 3000)
    new.tag = "\"v2\""
    let server = try ScriptedServer { [old, new] in ($0.number == 1 ? old : new).answer($0) }
    defer { server.stop() }
    #expect(try await rig.bytes(new.source(at: server)) == new.bytes)
    #expect(server.received.map { $0.header("Range") } == [nil, "bytes=4000-"])
  }

  @Test("parts of two files without tags are found out by the digest, and all is fetched again")
  func joined() async throws {
    let rig = try await SourceRig()
    var old = PublishedFile(lines: 3000)
    old.bytes.reverse()
    old.tag = nil
    old.cuts = [1: 4000]
    var new = PublishedFile(lines: 3000)
    new.tag = nil
    let server = try ScriptedServer { [old, new] in ($0.number == 1 ? old : new).answer($0) }
    defer { server.stop() }
    #expect(try await rig.bytes(new.source(at: server)) == new.bytes)
    #expect(server.received.map { $0.header("Range") } == [nil, "bytes=4000-", nil])
  }

  @Test("a partial file that is longer than the file is thrown away")
  func tooLong() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 10)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    try rig.leave(file.bytes + [1, 2, 3], of: file.source(at: server))
    #expect(try await rig.bytes(file.source(at: server)) == file.bytes)
    #expect(server.received.map { $0.header("Range") } == ["bytes=\(file.bytes.count + 3)-", nil])
  }

  @Test("other bytes than the digest's are an error that names both, and are not kept")
  func wrong() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 100)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    let wanted = Digest(of: "another file")
    let source = RemoteSource.file(RemoteFile(url: server.url + "/a", digest: wanted))
    let failure = try #require(try await rig.failure(source))
    #expect(
      failure.message
        == "'\(server.url)/a' has other bytes than the workflow says: sha256 \(file.digest.hex) "
        + "(\(file.bytes.count) bytes) was found, \(wanted.hex) was expected"
    )
    #expect(failure.hint?.contains("sha256: \(file.digest.hex)") == true)
    #expect(server.received.count == 1)
    #expect(rig.partials == [])
    #expect(rig.store.objects.find(file.digest) == nil)
    #expect(rig.store.objects.find(wanted) == nil)
  }

  @Test("an empty file is a file")
  func empty() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 0)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    #expect(try await rig.bytes(file.source(at: server)) == [])
  }

  @Test("two at once fetch once")
  func twoAtOnce() async throws {
    let rig = try await SourceRig()
    let file = PublishedFile(lines: 20_000)
    let server = try ScriptedServer { file.answer($0) }
    defer { server.stop() }
    let source = file.source(at: server)
    async let one = rig.bytes(source)
    async let other = rig.bytes(source)
    #expect(try await one == file.bytes)
    #expect(try await other == file.bytes)
    #expect(server.received.count == 1)
  }
}
