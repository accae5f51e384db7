import Exports
import Foundation
import Lineage
import Primitives
import Store
import Testing

@Suite("OpenLineage events of a run")
struct EventTests {
  private static func events(_ archive: Archive, _ run: RecordedRun) async throws -> [JSON] {
    try await RecordedEvents.all(of: run, archive.store, archive.records)
  }

  private static func name(_ event: JSON) -> String { event["job"]?["name"]?.string ?? "" }
  private static func type(_ event: JSON) -> String { event["eventType"]?.string ?? "" }
  private static func id(_ event: JSON) -> String { event["run"]?["runId"]?.string ?? "" }

  @Test("are a START and an end for the run and each instance, the run's first and last")
  func order() async throws {
    let archive = try await Archive()
    let events = try await Self.events(archive, try await archive.run())
    #expect(events.count == 2 * (Archive.small.count + 1))
    #expect(events.first.map(Self.name) == "w" && events.first.map(Self.type) == "START")
    #expect(events.last.map(Self.name) == "w" && events.last.map(Self.type) == "COMPLETE")
    for made in Archive.small {
      let own = events.filter { Self.name($0) == "w.\(made.id)" }
      #expect(own.map(Self.type) == ["START", "COMPLETE"])
      #expect(Set(own.map(Self.id)).count == 1)
    }
    #expect(Set(events.map(Self.id)).count == Archive.small.count + 1)
  }

  @Test("are the same each time, and others for another run")
  func determinism() async throws {
    let archive = try await Archive()
    let run = try await archive.run()
    let events = try await Self.events(archive, run)
    #expect(try await Self.events(archive, run) == events)
    let other = try await Self.events(archive, try await archive.run())
    #expect(Set(other.map(Self.id)).isDisjoint(with: events.map(Self.id)))
  }

  @Test("have UUIDs of version 8")
  func ids() async throws {
    let archive = try await Archive()
    for event in try await Self.events(archive, try await archive.run()) {
      let uuid = try #require(UUID(uuidString: Self.id(event))).uuid
      #expect(uuid.6 >> 4 == 8)
      #expect(uuid.8 >> 6 == 0b10)
    }
  }

  @Test("name datasets by instance and part, files by their place, each with its digest")
  func datasets() async throws {
    let archive = try await Archive()
    let events = try await Self.events(archive, try await archive.run())
    func last(_ name: String) -> JSON? { events.last { Self.name($0) == name } }
    func names(_ event: JSON?, _ side: String) -> [String] {
      event?[side]?.array?.compactMap { $0["name"]?.string } ?? []
    }
    #expect(names(last("w.train"), "inputs") == ["data/rows.jsonl"])
    #expect(names(last("w.answers@cot"), "inputs") == ["w.train.rows"])
    #expect(names(last("w.table"), "inputs") == ["w.after@cot.summary"])
    #expect(names(last("w"), "outputs") == ["w.after@cot.summary", "w.table.table"])
    let output = last("w.train")?["outputs"]?.array?.first
    let digest = Digest(of: Archive.rows).hex
    #expect(output?["facets"]?["version"]?["datasetVersion"]?.string == digest)
    let statistics = output?["outputFacets"]?["outputStatistics"]
    #expect(statistics?["rowCount"]?.int == 2)
    #expect(statistics?["size"]?.int == Archive.rows.utf8.count)
    let location = last("w.train")?["job"]?["facets"]?["sourceCodeLocation"]
    #expect(location?["version"]?.string == "c0ffee")
    #expect(location?["url"]?.string == "https://example.net/team/project.git")
  }

  @Test("tell instances with the same bytes apart where the record does")
  func sources() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    var twin = Archive.small[0]
    twin.id = "copy"
    var reader = Archive.small[1]
    reader.sources = ["data": "copy"]
    plan.instances = [Archive.small[0], twin, reader]
    let events = try await Self.events(archive, try await archive.run(plan))
    let last = events.last { Self.name($0) == "w.answers@cot" }
    #expect(last?["inputs"]?.array?.compactMap { $0["name"]?.string } == ["w.copy.rows"])
  }

  @Test(
    "name the repository by a URI, and no folder of the machine",
    arguments: [
      ("https://example.net/p.git", "https://example.net/p.git"),
      ("host:team/p.git", "ssh://host/team/p.git"),
      ("git@host:team/p.git", "ssh://host/team/p.git"),
      ("/srv/git/p.git", "git:c0ffee:w.yaml"), ("../p.git", "git:c0ffee:w.yaml"),
      ("file:///srv/git/p.git", "git:c0ffee:w.yaml"),
    ]
  )
  func remotes(remote: String, url: String) async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    plan.remote = .string(remote)
    let events = try await Self.events(archive, try await archive.run(plan))
    let found = events.first?["job"]?["facets"]?["sourceCodeLocation"]?["url"]?.string
    #expect(found == url)
  }

  @Test("tell failures, what was stopped and what never began apart")
  func failures() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    plan.status = "interrupted"
    plan.instances = [
      Archive.Made(id: "bad", kind: "command", status: "failed", error: "exit code 3"),
      Archive.Made(id: "late", kind: "command", status: "skipped"),
      Archive.Made(id: "cut", kind: "command", status: "interrupted"),
    ]
    let events = try await Self.events(archive, try await archive.run(plan))
    #expect(
      events.map { "\(Self.name($0)) \(Self.type($0))" } == [
        "w START", "w.bad START", "w.bad FAIL", "w.late ABORT", "w.cut START", "w.cut ABORT",
        "w ABORT",
      ]
    )
    let message = events[2]["run"]?["facets"]?["errorMessage"]?["message"]?.string
    #expect(message == "exit code 3")
    #expect(
      events.last?["run"]?["facets"]?["errorMessage"]?["message"]?.string == "bad: exit code 3"
    )
  }

  @Test("go without a repository")
  func noRepository() async throws {
    let archive = try await Archive()
    var plan = Archive.Plan()
    plan.hasGit = false
    let events = try await Self.events(archive, try await archive.run(plan))
    #expect(events.allSatisfy { $0["job"]?["facets"]?["sourceCodeLocation"] == nil })
    #expect(events.first?["inputs"]?.array?.first?["name"]?.string == "data/rows.jsonl")
  }
}
