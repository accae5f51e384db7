import Foundation
import Primitives
import TestSupport
import Testing

/// P21: nothing depends on what the wall clock shows.
@Suite(
  "P21",
  .serialized,
  .enabled(if: Clock.isPossible, "LD_PRELOAD is Linux's")
)
struct P21Tests {
  private static let rows = 30

  private let project: Project
  private let lineage: String
  private let clock: Clock

  init() throws {
    project = try Project(rows: Self.rows)
    clock = try Clock()
    let server = try TollServer()
    try Self.write(project, server, budget: nil)
    let run = try project.run(cache: "undisturbed")
    try #require(run.status == 0, "\(run.error)")
    lineage = try project.lineage(cache: "undisturbed")
  }

  @Test("runs that a budget pauses and a server keeps waiting", arguments: Clock.Lie.allCases)
  func wrong(_ lie: Clock.Lie) throws {
    var proof = Proof("P21 \(lie.rawValue)")
    for number in 0..<Proof.count(full: 30, short: 1) {
      let cache = "cache-\(number)"
      try trial(lie, cache, "seed \(proof.seed), \(lie.rawValue), run \(number)", &proof)
      try FileManager.default.removeItem(atPath: project.cache(cache))
      proof.count("trials")
    }
    try proof.report()
  }

  /// A run that its budget ends, one that goes on, and one by the right clock that finds all done.
  private func trial(
    _ lie: Clock.Lie,
    _ cache: String,
    _ place: Comment,
    _ proof: inout Proof
  ) throws {
    let waits: JSON = ["calls": ["4": "rate-limit", "9": Self.waitByDate]]
    let server = try TollServer("--latency", "10-30", faults: waits)
    try clock.set(lie)
    // A call reserves about 0.004 USD and costs about a fortieth of it: some fit, and not all.
    let cap = Money(usd: 0.005)
    try Self.write(project, server, budget: cap)
    let paused = try run(lie, server, cache, &proof)
    #expect(paused.status == 4, "\(place): \(paused.error)")
    let charged = try server.entries().money(input: 2.5, output: 10)
    #expect(charged <= cap, "\(place): \(charged.usd) USD were charged")

    try clock.set(lie)
    try Self.write(project, server, budget: Money(usd: 10))
    let resumed = try run(lie, server, cache, &proof)
    #expect(resumed.status == 0, "\(place): \(resumed.error)")
    #expect(try project.lineage(cache: cache) == lineage, "\(place): not what it makes else")
    try judgeWaits(server, place)
    #expect(try server.entries().charges.values.allSatisfy { $0 == 1 }, place)

    let bytes = server.bytes
    let right = try project.run(cache: cache)
    #expect(right.status == 0, "\(place): \(right.error)")
    #expect(right.summary["instances"]?["ran"]?.int == 0, "\(place): \(right.output)")
    #expect(server.bytes == bytes, "\(place): something was sent again")
    try judgeDurations(cache, place, &proof)
    try judgeOrder(cache, place)
    proof.count("calls", Self.rows)
  }

  /// A refusal that names a moment two seconds after the server's own date, which is no clock's here.
  private static let waitByDate: JSON = [
    "fault": "status", "status": 429,
    "headers": [
      "date": "Sat, 21 Nov 2026 10:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 10:00:02 GMT",
    ],
  ]

  private static func write(_ project: Project, _ server: TollServer, budget: Money?) throws {
    let limit = budget.map { "budget: \($0.usd) USD" } ?? ""
    try project.write(server.url, Project.Settings(concurrency: 4, top: limit))
  }

  /// Runs with the clock, which jumps once the first calls were sent.
  private func run(
    _ lie: Clock.Lie,
    _ server: TollServer,
    _ cache: String,
    _ proof: inout Proof
  ) throws -> Tool.Result {
    let bytes = server.bytes
    let running = try project.start(cache: cache, environment: clock.environment)
    while server.bytes == bytes, running.isRunning { usleep(500) }
    if running.isRunning { proof.count("amid calls") }
    try clock.jump(lie)
    return try running.result(within: 300)
  }

  /// Whether each call that was told to wait came again when it might, by the server's own clock.
  private func judgeWaits(_ server: TollServer, _ place: Comment) throws {
    let entries = try server.entries().chat
    for (fault, wait) in [("rate-limit", Int64(1000)), ("status", 2000)] {
      let refused = try #require(entries.first { $0.fault == fault }, "\(place): no \(fault)")
      let next = entries.first { $0.number > refused.number && $0.body == refused.body }
      let arrived = try #require(next?.arrivedAt, "\(place): never asked again")
      #expect(arrived - refused.arrivedAt >= wait, "\(place): \(fault) was not kept")
    }
  }

  /// Whether no time that something took is below zero, in records, events and what people see.
  private func judgeDurations(_ cache: String, _ place: Comment, _ proof: inout Proof) throws {
    let runs = "\(project.cache(cache))/runs"
    for id in try FileManager.default.contentsOfDirectory(atPath: runs) {
      let record = try JSON(
        parsing: Array(try Data(contentsOf: URL(fileURLWithPath: "\(runs)/\(id)/run.json")))
      )
      let events = try Data(contentsOf: URL(fileURLWithPath: "\(runs)/\(id)/events.jsonl"))
        .split(separator: 0x0A).map { try JSON(parsing: Array($0)) }
      for duration in ([record] + events).flatMap(Self.durations) {
        #expect((0..<300).contains(duration), "\(place): \(id): \(duration) s")
        proof.count("durations")
      }
    }
    for command in [["runs"], ["status"], ["show", "last"], ["calls", "list"]] {
      let shown = try Tool.run(command + ["--cache", project.cache(cache)], in: project.path)
      #expect(shown.status == 0, "\(place): \(shown.error)")
      let negative = shown.output.range(
        of: #"(^|\s)-[0-9]+(\.[0-9]+)? ?(ms|s|min|h|d)\b"#,
        options: .regularExpression
      )
      #expect(negative == nil, "\(place): \(shown.output)")
    }
  }

  /// Every member `seconds` in a value, at any depth.
  private static func durations(in value: JSON) -> [Double] {
    if let members = value.object?.members {
      return members.flatMap { member in
        member.key == "seconds"
          ? [member.value.number].compactMap { $0 } : durations(in: member.value)
      }
    }
    return (value.array ?? []).flatMap(durations)
  }

  /// Whether `runs` lists by what its ids say, the latest first, with all three of them.
  private func judgeOrder(_ cache: String, _ place: Comment) throws {
    let runs = try project.ask("runs", cache: cache).summary["runs"]?.array ?? []
    #expect(runs.count == 3, place)
    // Behind the second stand random digits.
    let seconds = runs.compactMap { $0["id"]?.string?.prefix(15) }
    #expect(seconds == seconds.sorted(by: >), "\(place): \(seconds)")
    let starts = runs.compactMap { $0["started_at_ms"]?.integer }
    #expect(starts == starts.sorted(by: >), "\(place): \(starts)")
  }
}
