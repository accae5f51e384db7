import Foundation
import Primitives
import TestSupport
import Testing

/// P6: every server fault has one documented outcome.
@Suite("P6", .serialized)
struct P6Tests {
  private static let rows = 9
  /// What the tool may hold in memory, whatever a server sends, in KiB.
  private static let memory = 500 * 1024

  @Test("every row of the matrix, at the first, a middle and the last call")
  func alone() throws {
    var proof = Proof("P6 alone")
    let repeats = Proof.count(full: 50, short: 1)
    let undisturbed = try Self.undisturbed()
    let places = [1, (Self.rows + 1) / 2, Self.rows]
    // In the short form each row has one of the three places.
    let first = proof.random.below(3)
    let trials = FaultRow.all.enumerated().flatMap { index, row in
      (0..<repeats).flatMap { _ in
        (Proof.isFull ? places : [places[(first + index) % 3]]).map { (row, $0) }
      }
    }
    let broken = Trials.run(trials.count) { index, findings in
      let (row, call) = trials[index]
      try Self.meet(row, at: call, undisturbed, &findings)
    }
    for finding in broken { Issue.record("seed \(proof.seed): \(finding)") }
    proof.count("rows of the matrix", FaultRow.all.count)
    proof.count("runs", trials.count)
    proof.count("broken", broken.count)
    try proof.report()
  }

  /// The bytes that `answers` has without faults, in any store.
  private static func undisturbed() throws -> String {
    let project = try Project(rows: rows)
    let server = try TollServer()
    try project.write(server.url)
    let run = try project.run()
    try #require(run.status == 0, "\(run.error)")
    return try #require(try project.digest(of: "answers", part: "rows"))
  }

  /// One run whose call of a number meets a fault, once; then one more run.
  private static func meet(
    _ row: FaultRow,
    at call: Int,
    _ undisturbed: String,
    _ findings: inout Findings
  ) throws {
    let place = "\(row.script.compactText) at call \(call)"
    let project = try Project(rows: rows)
    let server = try TollServer(
      faults: ["calls": .object(JSONObject([("\(call)", row.script)]))]
    )
    let limits = row.timeout.map { ", timeout: \($0)s" } ?? ""
    // One at a time, so that the number of a call is that of a row.
    try project.write(server.url, Project.Settings(concurrency: 1, limits: limits))
    let run = try project.start()
    let (result, peak) = try run.resultAndPeak(within: 120)
    findings.hold(peak < memory, "\(place): \(peak) KiB of memory")
    let view = try Witness().view(cache: project.cache())

    switch row.end {
    case .sentAgain:
      findings.hold(result.status == 0, "\(place): exit \(result.status): \(result.error)")
      findings.hold(view.outcomes["answered"] == rows, "\(place): \(view.outcomes)")
      let bytes = try project.digest(of: "answers", part: "rows")
      findings.hold(bytes == undisturbed, "\(place): a wrong row in the dataset")
    case .state(let state):
      findings.hold(result.status == 0, "\(place): exit \(result.status): \(result.error)")
      let states = try project.counts(of: "answers", "states")
      let expected = state == "answered" ? ["answered": rows] : ["answered": rows - 1, state: 1]
      findings.hold(states == expected, "\(place): \(states)")
    case .pause, .stop:
      let status: Int32 = row.end == .pause ? 4 : 1
      findings.hold(result.status == status, "\(place): exit \(result.status): \(result.error)")
      findings.hold(view.recorded.count == call - 1, "\(place): \(view.recorded.count) answers")
      let sent = try server.entries().count
      findings.hold(sent == call, "\(place): \(sent) requests, so it did not stop")
    }
    findings.hold(view.claimed.isEmpty, "\(place): in doubt: \(view.claimed.count)")
    try goOn(project, server, row, place, &findings)
  }

  /// A second run: the fault is over, so whatever is missing is answered, and nothing else is sent.
  private static func goOn(
    _ project: Project,
    _ server: TollServer,
    _ row: FaultRow,
    _ place: String,
    _ findings: inout Findings
  ) throws {
    let second = try project.run(seconds: 120)
    findings.hold(second.status == 0, "\(place): then exit \(second.status): \(second.error)")
    let charges = try server.entries().charges
    let again = row.end == .sentAgain && row.charges ? 1 : 0
    let never = row.end == .state("rejected") && !row.charges ? 1 : 0
    let total = charges.values.reduce(0, +)
    findings.hold(total == rows + again - never, "\(place): \(total) charges")
    findings.hold(charges.count == rows - never, "\(place): \(charges.count) calls charged")
  }

  @Test("all at once, on a fifth of the calls: every row has its own answer in the end")
  func mixed() throws {
    var proof = Proof("P6 mixed")
    let rows = 100
    let passing = FaultRow.all.filter { $0.end == .sentAgain && $0.timeout == nil }
      // It sends as much as the tool will read, which takes long.
      .filter { $0.fault != "gzip-bomb" }
    let project = try Project(rows: rows)
    let calm = try TollServer()
    let settings = Project.Settings(concurrency: 16, top: "in_doubt: resend")
    try project.write(calm.url, settings)
    #expect(try project.run(cache: "calm").status == 0)
    let undisturbed = try project.digest(of: "answers", part: "rows", cache: "calm")
    let witness = try Witness()
    for number in 1...Proof.count(full: 50, short: 1) {
      let seed = proof.random.below(1_000_000)
      let place: Comment = "seed \(proof.seed), run \(number), faults of seed \(seed)"
      let server = try TollServer(
        faults: [
          "probability": [
            "share": 0.2, "seed": JSON(seed), "of": .array(passing.map(\.script)),
          ]
        ]
      )
      try project.write(server.url, settings)
      let cache = "cache-\(number)"
      var starts = 1
      var run = try project.run(cache: cache)
      while run.status != 0 {
        #expect(run.status == 1, "\(place): exit \(run.status): \(run.error)")
        starts += 1
        try #require(starts < 10, place)
        run = try project.run(cache: cache)
      }
      #expect(try project.digest(of: "answers", part: "rows", cache: cache) == undisturbed, place)
      let entries = try server.entries().chat
      let view = try witness.view(cache: project.cache(cache))
      #expect(view.outcomes["answered"] == rows, place)
      #expect(view.outcomes.values.reduce(0, +) == entries.count, "\(place): attempts")
      // Whatever was charged and not answered is known to the ledger as lost.
      let charged = entries.count { $0.isCharged }
      #expect(charged - rows <= view.outcomes["lost", default: 0], place)
      proof.count("calls", rows)
      proof.count("faults", entries.count { $0.fault != nil })
      proof.count("charged twice", charged - rows)
      proof.most("starts", starts)
    }
    try proof.report()
  }
}
