import Foundation
import Primitives
import TestSupport
import Testing

/// P5: a fine-tuning job or batch is created once and never orphaned.
@Suite("P5", .serialized, .enabled(if: FaultShim.isPossible, "LD_PRELOAD is Linux's"))
struct P5Tests {
  /// What is made at the provider.
  enum Work: String, CaseIterable, Sendable {
    case fineTune = "fine-tune"
    case batch

    /// The endpoint of the toll server that creates it, and the one that tells how it stands.
    var endpoint: String { self == .fineTune ? "jobs" : "batches" }
    var polls: String { self == .fineTune ? "job-polls" : "batch-polls" }

    var settings: Project.Settings {
      switch self {
      case .fineTune:
        Project.Settings(
          concurrency: 8,
          nodes: "distilled: {kind: fine-tune, model: teacher, data: training, "
            + "learning_rate_multiplier: 1}\n"
        )
      case .batch: Project.Settings(concurrency: 8, generate: ", mode: batch")
      }
    }
  }

  /// A moment in the life of a job at which the tool is killed.
  enum Point: String, CaseIterable, Sendable {
    case beforePost, sent, answerLost, notRecorded, polling, notFinished
  }

  private static let rows = 12

  @Test(
    "killed at each of six points: exactly one job, and its result is not lost",
    arguments: Work.allCases
  )
  func points(_ work: Work) throws {
    var proof = Proof("P5 \(work.rawValue)")
    let repeats = Proof.count(full: 50, short: 1)
    let results = try Self.undisturbed(work)
    let shim = try FaultShim()
    let trials = Point.allCases.flatMap { point in (0..<repeats).map { _ in point } }
    let delays = trials.map { _ in proof.random.below(400_000) }
    let broken = Trials.run(trials.count) { [seed = proof.seed] index, findings in
      let trial = try Trial(work, trials[index], delays[index], "seed \(seed), trial \(index)")
      try trial.run(shim, results, &findings)
    }
    for finding in broken { Issue.record("\(finding)") }
    proof.count("kills", trials.count)
    proof.count("broken", broken.count)
    try proof.report()
  }

  @Test("killed at every step that it takes in its store", arguments: Work.allCases)
  func everyStep(_ work: Work) throws {
    var proof = Proof("P5 \(work.rawValue), steps")
    let stride = Proof.stride(short: 80)
    let results = try Self.undisturbed(work)
    let shim = try FaultShim()
    var step = 1 + proof.random.below(stride)
    while true {
      let place = "seed \(proof.seed), \(work.rawValue), killed at step \(step)"
      let project = try Project(rows: Self.rows)
      let server = try TollServer()
      try project.write(server.url, work.settings)
      var findings = Findings()
      let cache = project.cache()
      try FileManager.default.createDirectory(
        atPath: cache,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
      let run = try project.run(environment: shim.environment(over: cache, at: step))
      guard run.signal == SIGKILL else {
        #expect(run.status == 0, "\(place): \(run.error)")
        break
      }
      try Self.expectOne(work, project, server, results, place, &findings)
      #expect(findings.broken.isEmpty, "\(findings.broken)")
      proof.count("steps killed at")
      step += stride
    }
    #expect(proof.counted("steps killed at") > 0)
    try proof.report()
  }

  /// A second run after a kill: it succeeds, and at the provider there is one job, the ledger's.
  private static func expectOne(
    _ work: Work,
    _ project: Project,
    _ server: TollServer,
    _ results: String,
    _ place: String,
    _ findings: inout Findings
  ) throws {
    let second = try project.run(seconds: 120)
    findings.hold(second.status == 0, "\(place): exit \(second.status): \(second.error)")
    let entries = try server.entries()
    let created = Set(
      entries.filter { $0.endpoint == work.endpoint && $0.method == "POST" }.compactMap(\.object)
    )
    findings.hold(created.count == 1, "\(place): \(created.count) were created")
    let jobs = try Witness().view(cache: project.cache()).jobs
      .filter { $0["kind"]?.string == work.rawValue && $0["remote_id"]?.string != nil }
    findings.hold(jobs.count == 1, "\(place): the ledger has \(jobs.count)")
    findings.hold(jobs.first?["state"]?.string == "succeeded", "\(place): \(jobs)")
    findings.hold(
      jobs.first?["remote_id"]?.string == created.first,
      "\(place): another than was created"
    )
    findings.hold(try project.results() == results, "\(place): other results")
  }

  private static func undisturbed(_ work: Work) throws -> String {
    let project = try Project(rows: rows)
    let server = try TollServer()
    try project.write(server.url, work.settings)
    let run = try project.run()
    try #require(run.status == 0, "\(run.error)")
    return try project.results()
  }

  /// One kill, and what a second run makes of it.
  private struct Trial {
    let work: Work
    let point: Point
    let delay: Int
    let place: String
    let project: Project
    let server: TollServer

    init(_ work: Work, _ point: Point, _ delay: Int, _ place: String) throws {
      self.work = work
      self.point = point
      self.delay = delay
      self.place = "\(place), \(work.rawValue), \(point.rawValue)"
      project = try Project(rows: P5Tests.rows)
      server = try TollServer(
        "--job-delay",
        "300",
        "--batch-delay",
        "300",
        faults: Self.faults(work, point)
      )
      try project.write(server.url, work.settings)
    }

    /// The fault that holds the tool at the point, where one is needed.
    private static func faults(_ work: Work, _ point: Point) -> JSON {
      switch point {
      case .beforePost: ["files": ["calls": ["1": "stall-before-charge"]]]
      case .sent: .object(JSONObject([(work.endpoint, ["calls": ["1": "stall-before-charge"]])]))
      case .answerLost:
        .object(JSONObject([(work.endpoint, ["calls": ["1": "stall-before-headers"]])]))
      case .notRecorded:
        // The answer comes slowly enough to set the trap for the step that records it.
        .object(JSONObject([(work.endpoint, ["calls": ["1": ["fault": "drip", "ms": 1]]])]))
      case .polling, .notFinished: [:]
      }
    }

    func run(_ shim: FaultShim, _ results: String, _ findings: inout Findings) throws {
      try killAtPoint(shim)
      try P5Tests.expectOne(work, project, server, results, place, &findings)
    }

    /// Starts a run, and kills it at its point.
    private func killAtPoint(_ shim: FaultShim) throws {
      let cache = project.cache()
      try FileManager.default.createDirectory(
        atPath: cache,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
      let trap = "\(project.path)/trap"
      let run = try project.start(
        environment: shim.environment(over: cache, at: 1, .killBefore, when: trap)
      )
      switch point {
      case .beforePost: try wait(run) { try seen("files") }
      case .sent, .answerLost: try wait(run) { try seen(work.endpoint) }
      case .notRecorded:
        // The next thing that the store is told is the answer.
        try wait(run) { try seen(work.endpoint) }
        try project.folder.write("", to: "trap")
        _ = try run.result()
      case .polling:
        try wait(run) { try seen(work.polls) }
        usleep(UInt32(delay))
      case .notFinished:
        try wait(run) { try server.folder.read("ledger.jsonl").contains(finished) }
      }
      _ = run.killed()
    }

    /// What the server's ledger says when the work is done.
    private var finished: String {
      work == .fineTune ? #""event":"training""# : #""event":"line""#
    }

    private func seen(_ endpoint: String) throws -> Bool {
      try server.entries().contains { $0.endpoint == endpoint }
    }

    private func wait(_ run: Running, _ condition: () throws -> Bool) throws {
      while run.isRunning, try !condition() { usleep(500) }
    }
  }
}
