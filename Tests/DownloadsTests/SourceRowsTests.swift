import Downloads
import Primitives
import Store
import TestSupport
import Testing

/// A rows service of the tests: `count` rows of the set `owner/set` at one revision.
private struct RowsService: Sendable {
  static let revision = String(repeating: "ab12", count: 10)

  var count: Int
  var revision: String? = Self.revision
  /// Requests that get this status instead.
  var statuses: [Int: Int] = [:]
  /// Members put into every answer.
  var partial = false
  var cutCell: Int?

  static func row(_ index: Int) -> JSON {
    ["question": .string("what is \(index)?"), "answer": .string("#### \(index)")]
  }

  static func lines(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { row($0).canonical + [0x0A] }
  }

  func answer(_ request: ScriptedServer.Received) -> [ScriptedServer.Step] {
    if let status = statuses[request.number] {
      return .answer(status, #"{"error": "the split does not exist"}"#)
    }
    let offset = Self.offset(request)
    let rows = (offset..<max(offset, min(offset + 100, count))).map { index -> JSON in
      [
        "row_idx": JSON(index), "row": Self.row(index),
        "truncated_cells": index == cutCell ? ["question"] : [],
      ]
    }
    let body: JSON = [
      "features": [], "rows": .array(rows), "num_rows_total": JSON(count),
      "num_rows_per_page": 100, "partial": .bool(partial),
    ]
    return .answer(
      200,
      body.canonicalText,
      headers: revision.map { ["X-Revision": $0] } ?? [:]
    )
  }

  static func offset(_ request: ScriptedServer.Received) -> Int {
    let query = request.target.split(separator: "&").first { $0.hasPrefix("offset=") }
    return query.flatMap { Int($0.dropFirst(7)) } ?? -1
  }
}

@Suite("Rows of the Hub")
struct SourceRowsTests {
  private static func rows(
    split: String = "train",
    digest: Digest? = nil
  ) -> RemoteSource {
    .rows(
      HubRows(
        dataset: "owner/set",
        config: "main",
        split: split,
        revision: RowsService.revision,
        digest: digest
      )
    )
  }

  @Test("all pages are gathered once, and found again without their digest")
  func pages() async throws {
    let rig = try await SourceRig()
    let service = RowsService(count: 250)
    let server = try ScriptedServer { service.answer($0) }
    defer { server.stop() }
    let shelf = rig.shelf(service: server.url)
    #expect(try await rig.bytes(Self.rows(), shelf) == RowsService.lines(250))
    #expect(
      server.received.map(\.target)
        == [0, 100, 200].map {
          "/rows?dataset=owner%2Fset&config=main&split=train&offset=\($0)&length=100"
        }
    )
    #expect(try await rig.bytes(Self.rows(), SourceShelf(rig.store)) == RowsService.lines(250))
    #expect(server.received.count == 3)
    #expect(rig.progress.all.filter { $0.unit == .rows }.map(\.done) == [100, 200, 250])
  }

  @Test("a gathering that was cut goes on behind the pages that came")
  func resume() async throws {
    let rig = try await SourceRig()
    var service = RowsService(count: 250)
    service.statuses = [3: 404]
    let server = try ScriptedServer { [service] in service.answer($0) }
    defer { server.stop() }
    let shelf = rig.shelf(service: server.url)
    let failure = try #require(try await rig.failure(Self.rows(), shelf))
    #expect(
      failure.message
        == "the service answers 404 Not Found for the rows of owner/set (main, train) at "
        + "ab12ab12ab12: the split does not exist"
    )
    #expect(try await rig.bytes(Self.rows(), shelf) == RowsService.lines(250))
    #expect(server.received.map(RowsService.offset) == [0, 100, 200, 200])
  }

  @Test("pages that may come later are asked for again")
  func passing() async throws {
    let rig = try await SourceRig()
    var service = RowsService(count: 120)
    service.statuses = [2: 500, 3: 429]
    let server = try ScriptedServer { [service] in service.answer($0) }
    defer { server.stop() }
    let shelf = rig.shelf(service: server.url)
    #expect(try await rig.bytes(Self.rows(), shelf) == RowsService.lines(120))
    #expect(rig.waits.all == [.seconds(1), .seconds(2)])
  }

  @Test("rows of another revision are refused by both ids")
  func otherRevision() async throws {
    let rig = try await SourceRig()
    var service = RowsService(count: 10)
    service.revision = String(repeating: "f", count: 40)
    let server = try ScriptedServer { [service] in service.answer($0) }
    defer { server.stop() }
    let failure = try await rig.failure(Self.rows(), rig.shelf(service: server.url))
    #expect(
      failure?.message
        == "the rows of 'owner/set' are those of revision \(String(repeating: "f", count: 40)) now; "
        + "the workflow asks for \(RowsService.revision)"
    )
  }

  @Test("an answer without a revision, with cut cells or with a part of the set is refused")
  func refused() async throws {
    var unpinned = RowsService(count: 10)
    unpinned.revision = nil
    var cut = RowsService(count: 150)
    cut.cutCell = 130
    var partial = RowsService(count: 10)
    partial.partial = true
    let cases = [
      (unpinned, "does not say of which revision"), (cut, "row 130 of owner/set (main, train)"),
      (partial, "has only the first rows"),
    ]
    for (service, message) in cases {
      let rig = try await SourceRig()
      let server = try ScriptedServer { service.answer($0) }
      defer { server.stop() }
      let failure = try await rig.failure(Self.rows(), rig.shelf(service: server.url))
      #expect(failure?.message.contains(message) == true, "\(message)")
    }
  }

  @Test("rows with a digest are found by it, and checked against it")
  func digest() async throws {
    let rig = try await SourceRig()
    let service = RowsService(count: 10)
    let server = try ScriptedServer { service.answer($0) }
    defer { server.stop() }
    let shelf = rig.shelf(service: server.url)
    let wrong = try await rig.failure(Self.rows(digest: Digest(of: "other")), shelf)
    #expect(wrong?.message.contains(Digest(of: RowsService.lines(10)).hex) == true)
    #expect(wrong?.message.contains(Digest(of: "other").hex) == true)
    #expect(rig.partials == [])

    try await rig.store.objects.put(RowsService.lines(10))
    let right = Self.rows(digest: Digest(of: RowsService.lines(10)))
    #expect(try await rig.bytes(right, SourceShelf(rig.store)) == RowsService.lines(10))
    #expect(server.received.count == 1)
  }

  @Test("a set without rows is an empty object")
  func empty() async throws {
    let rig = try await SourceRig()
    let server = try ScriptedServer { RowsService(count: 0).answer($0) }
    defer { server.stop() }
    #expect(try await rig.bytes(Self.rows(), rig.shelf(service: server.url)) == [])
  }
}
