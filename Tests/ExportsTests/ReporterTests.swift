import Exports
import Foundation
import Lineage
import Primitives
import Store
import Synchronization
import TestSupport
import Testing
import Transfer

@Suite("Events of a run that goes on")
struct ReporterTests {
  private final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
  }

  private static let moment = Moment(milliseconds: 1_795_250_488_171)

  /// Reports a run of so many instances and waits for its end.
  private static func report(
    _ archive: Archive,
    to target: EventTarget,
    instances: Int,
    _ warnings: Warnings,
    within limit: Duration = .seconds(60)
  ) async throws -> LineageReporter.Report {
    let reporter = LineageReporter(
      RunIdentity(try await archive.run()),
      to: target,
      objects: archive.store.objects,
      warn: warnings.add
    )
    reporter.started(at: moment)
    for number in 0..<instances {
      reporter.started("n\(number)", at: moment)
      reporter.ended(
        ReportedInstance(
          id: "n\(number)",
          kind: "command",
          status: "ran",
          key: nil,
          inputs: JSONObject(),
          outputs: [],
          originRun: nil,
          facts: JSONObject(),
          seconds: 0,
          error: nil
        ),
        at: moment
      )
    }
    reporter.ended(status: "succeeded", error: nil, at: moment)
    return await reporter.finish(within: limit)
  }

  private static func target(_ url: String, key: String? = nil) throws -> EventTarget {
    try EventTarget(url, key: key, transfer: TransferClient())
  }

  @Test("arrive in their order, with the key")
  func order() async throws {
    let server = try ScriptedServer { _ in .answer(201) }
    defer { server.stop() }
    let archive = try await Archive()
    let warnings = Warnings()
    let target = try Self.target(server.url, key: "secret-of-the-service")
    let report = try await Self.report(archive, to: target, instances: 20, warnings)
    #expect(report.sent == 42 && report.lost == 0)
    #expect(warnings.all == [])
    let types = try server.received.map { request in
      try JSON(parsing: request.body)["eventType"]?.string
    }
    #expect(types.first == "START" && types.last == "COMPLETE")
    #expect(types.count == 42)
    #expect(Set(server.received.map(\.target)) == ["/api/v1/lineage"])
    #expect(
      server.received.allSatisfy {
        $0.header("Authorization") == "Bearer secret-of-the-service"
          && $0.header("Content-Type") == "application/json"
      }
    )
  }

  @Test("are lost to a service that refuses them: one warning, and it is soon left alone")
  func refused() async throws {
    let server = try ScriptedServer { _ in .answer(500, "{\"message\":\"down\"}") }
    defer { server.stop() }
    let archive = try await Archive()
    let warnings = Warnings()
    let report = try await Self.report(
      archive,
      to: try Self.target(server.url),
      instances: 50,
      warnings
    )
    #expect(report.sent == 0 && report.lost == 102)
    #expect(warnings.all.count == 1)
    #expect(warnings.all.first?.contains("answered 500: down") == true)
    #expect(server.received.count == 3)
  }

  @Test("do not wait for a service that never answers")
  func stalled() async throws {
    let server = try ScriptedServer { _ in [.stall] }
    defer { server.stop() }
    let archive = try await Archive()
    let warnings = Warnings()
    // The transfer alone would take ten seconds to give up, and three of them half a minute.
    let report = try await Self.report(
      archive,
      to: try Self.target(server.url),
      instances: 5,
      warnings,
      within: .milliseconds(100)
    )
    #expect(report.sent == 0 && report.lost == 12)
    #expect(server.received.count <= 1)
  }

  @Test("wait in a queue of limited length")
  func queue() async throws {
    let server = try ScriptedServer { _ in [.stall] }
    defer { server.stop() }
    let archive = try await Archive()
    let report = try await Self.report(
      archive,
      to: try Self.target(server.url),
      instances: 5000,
      Warnings(),
      within: .milliseconds(100)
    )
    #expect(report.sent == 0 && report.lost == 10_002)
  }

  @Test("survive an endpoint that is not there")
  func dead() async throws {
    let server = try ScriptedServer { _ in [.close] }
    server.stop()
    let archive = try await Archive()
    let warnings = Warnings()
    let report = try await Self.report(
      archive,
      to: try Self.target(server.url),
      instances: 5,
      warnings
    )
    #expect(report.sent == 0 && report.lost == 12)
    #expect(warnings.all.count == 1)
  }

  @Test("are lines of a file, behind those that were there")
  func file() async throws {
    let archive = try await Archive()
    let path = try archive.folder.write("{\"before\":true}\n", to: "events.jsonl")
    let report = try await Self.report(
      archive,
      to: try Self.target(path),
      instances: 3,
      Warnings()
    )
    #expect(report.sent == 8)
    let lines = try archive.folder.read("events.jsonl").split(separator: "\n")
    #expect(lines.count == 9)
    #expect(lines.first == "{\"before\":true}")
    for line in lines { #expect(throws: Never.self) { try JSON(parsing: String(line)) } }
  }

  @Test("are not sent where a redirect leads")
  func redirect() async throws {
    let other = try ScriptedServer { _ in .answer(201) }
    let server = try ScriptedServer { _ in
      .answer(307, headers: ["Location": "\(other.url)/lineage"])
    }
    defer {
      other.stop()
      server.stop()
    }
    let target = try Self.target(server.url, key: "secret-of-the-service")
    await #expect(throws: ExportError.self) { try await target.send(["eventType": "START"]) }
    #expect(server.received.count == 1)
    #expect(other.received.isEmpty)
  }

  @Test("hold no key in messages, though the service echoes it")
  func echo() async throws {
    let key = "secret-of-the-service"
    let server = try ScriptedServer { request in
      .answer(401, "{\"message\":\"bad key \(request.header("Authorization") ?? "")\"}")
    }
    defer { server.stop() }
    let target = try Self.target(server.url, key: key)
    let error = await #expect(throws: ExportError.self) { try await target.send([:]) }
    #expect(error?.description.contains("bad key Bearer (secret)") == true)
    #expect(error?.description.contains(key) == false)
  }
}

@Suite("Addresses of services")
struct ExportAddressTests {
  @Test(
    "that are none, or would show the key, are refused",
    arguments: [
      ("http://example.net/", true), ("https://me:hunter22@example.net/", false),
      ("https://example.net/?token=x", false), ("ftp://example.net", false), ("nonsense", false),
      ("https://", false), ("http://127.0.0.1.example.net/", true),
    ]
  )
  func refused(text: String, hasKey: Bool) {
    let credential: ExportAddress.Credential = hasKey ? .bearer("secret-of-the-service") : .none
    let error = #expect(throws: ExportError.self) {
      _ = try ExportAddress(text, credential: credential)
    }
    #expect(error?.description.contains("hunter22") == false)
    #expect(error?.description.contains("secret-of") == false)
  }

  @Test(
    "that keep the key to itself are taken",
    arguments: [
      "https://example.net/", "http://127.0.0.1:5000", "http://localhost", "http://[::1]:1",
    ]
  )
  func taken(text: String) throws {
    let address = try ExportAddress(text, credential: .basic(user: "me", password: "word"))
    let request = address.request(.get, "/x", limits: TransferLimits())
    #expect(request.headers == [HTTPHeader("Authorization", "Basic bWU6d29yZA==")])
    #expect(request.url == "\(address.url)/x")
  }
}
