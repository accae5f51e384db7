import Foundation
import Primitives
import TestSupport
import Testing

/// P10: several processes on one cache.
@Suite("P10", .serialized)
struct P10Tests {
  private static let rows = 120
  private static let concurrency = 8

  private let project: Project
  private let witness: Witness
  /// Gets a line from each run of the workflow's command.
  private let marks: String
  /// What each workflow comes to where it is alone.
  private let lineages: [String: String]

  init() throws {
    project = try Project(rows: Self.rows)
    witness = try Witness()
    marks = "\(project.path)/marks"
    var lineages: [String: String] = [:]
    let server = try TollServer()
    try Self.write(project, server, marks)
    for workflow in Self.workflows {
      let run = try Tool.run(
        ["run", workflow, "--json", "--cache", project.cache("alone-\(workflow)")],
        in: project.path
      )
      try #require(run.status == 0, "\(run.error)")
      lineages[workflow] = try Self.lineage(of: "last", project, cache: "alone-\(workflow)")
    }
    self.lineages = lineages
  }

  @Test(
    "2, 4 and 16 at once, same and overlapping workflows, one of them killed in half of the rounds"
  )
  func rounds() throws {
    var proof = Proof("P10")
    for number in 0..<Proof.count(full: 200, short: 4) {
      var round = try Round(self, number, &proof)
      try round.run(&proof)
      try? FileManager.default.removeItem(atPath: project.cache(round.cache))
      proof.count("rounds")
    }
    #expect(proof.counted("killed") > 0, "no process was killed before its end")
    #expect(proof.counted("in doubt") > 0, "no kill was amid calls")
    try proof.report()
  }

  /// All rows, the first two thirds of them, and the last two thirds.
  private static let workflows = ["all.yaml", "first.yaml", "last.yaml"]

  private static func write(_ project: Project, _ server: TollServer, _ marks: String) throws {
    let part = rows / 3
    for (workflow, slice) in zip(
      workflows,
      ["", ", limit: \(2 * part)", ", skip: \(part), limit: \(2 * part)"]
    ) {
      let settings = Project.Settings(
        concurrency: concurrency,
        nodes:
          #"mark: {kind: command, shell: "echo 1 >> '\#(marks)'; echo 2 > out", outputs: {out: out}}"#,
        name: workflow.replacingOccurrences(of: ".yaml", with: "")
      )
      try project.write(server.url, to: workflow, settings)
      let text = try project.folder.read(workflow)
      try project.folder.write(
        text.replacingOccurrences(of: "path: rows.jsonl}", with: "path: rows.jsonl\(slice)}"),
        to: workflow
      )
    }
  }

  /// What a run made of what, times and money left out.
  private static func lineage(of run: String, _ project: Project, cache: String) throws -> String {
    let shown = try Tool.run(
      ["show", run, "--json", "--cache", project.cache(cache)],
      in: project.path
    )
    try #require(shown.status == 0, "\(shown.error)")
    return (shown.summary["instances"]?.array ?? [])
      .map { instance in
        ["id", "kind", "key", "inputs", "outputs"]
          .map { "\($0)=\(instance[$0]?.compactText ?? "-")" }
          .joined(separator: " ")
      }
      .sorted().joined(separator: "\n")
  }

  /// Some processes on one new cache, to the end.
  private struct Round {
    let suite: P10Tests
    let server: TollServer
    let cache: String
    /// The workflow of each process.
    let workflows: [String]
    /// The number of the process that is killed, if one is.
    let victim: Int?
    /// Whether the run leaves what is in doubt to the user, or sends it again once.
    let asks: Bool
    let place: Comment

    init(_ suite: P10Tests, _ number: Int, _ proof: inout Proof) throws {
      self.suite = suite
      let processes = [2, 4, 16][number % 3]
      let overlap = (number / 2).isMultiple(of: 2) == false
      workflows = (0..<processes).map { overlap ? P10Tests.workflows[1 + $0 % 2] : "all.yaml" }
      victim = number.isMultiple(of: 2) ? nil : proof.random.below(processes)
      asks = proof.random.below(2) == 0
      cache = "cache-\(number)"
      server = try TollServer("--latency", "40-80")
      try P10Tests.write(suite.project, server, suite.marks)
      try suite.project.folder.write("", to: "marks")
      place = """
        seed \(proof.seed), round \(number): \(processes) processes, \
        \(overlap ? "overlapping" : "same"), \
        \(victim == nil ? "none killed" : "one killed"), in doubt: \(asks ? "ask" : "once more")
        """
    }

    /// Whether the store has the events of a run, which is what readers look for.
    private var hasRun: Bool {
      let folder = "\(suite.project.cache(cache))/runs"
      let runs = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return runs.contains { run in
        FileManager.default.fileExists(atPath: "\(folder)/\(run)/events.jsonl")
      }
    }

    mutating func run(_ proof: inout Proof) throws {
      let bytes = server.bytes
      let runs = try workflows.map { try start($0) }
      // From the first call on there is a store, and a run in it. A charge of the round before may
      // come late: that alone does not mean that there is either.
      while server.bytes == bytes || !hasRun, runs.contains(where: \.isRunning) { usleep(1000) }
      usleep(UInt32(proof.random.below(300_000)))
      try readBesideFrozen(runs, &proof)
      var killed = false
      if let victim {
        usleep(UInt32(proof.random.below(300_000)))
        killed = runs[victim].killed()
        proof.count(killed ? "killed" : "ended before the kill")
      }
      // Nobody helps the others: a lock that did not free itself would hang them.
      let results = try runs.enumerated().filter { !killed || $0.offset != victim }
        .map { (workflows[$0.offset], try $0.element.result()) }
      try judge(results, killed: killed, &proof)
      proof.count("processes", runs.count)
    }

    private func start(_ workflow: String) throws -> Running {
      var arguments = ["run", workflow, "--json", "--cache", suite.project.cache(cache)]
      if asks { arguments += ["--in-doubt", "ask"] }
      return try Tool.start(arguments, in: suite.project.path)
    }

    /// Stops all processes with whatever they hold: a reader that waited for one would wait for
    /// ever.
    private func readBesideFrozen(_ runs: [Running], _ proof: inout Proof) throws {
      for run in runs { run.send(SIGSTOP) }
      defer { for run in runs { run.send(SIGCONT) } }
      for command in [["status"], ["runs"], ["calls", "list"], ["show", "last"]] {
        let read = try Tool.run(
          command + ["--json", "--cache", suite.project.cache(cache)],
          in: suite.project.path,
          seconds: 300
        )
        // A run has its record when it has ended; until then `show` says so, and at once.
        let isEarly = command[0] == "show" && read.error.contains("has no record")
        #expect(read.status == 0 || isEarly, "\(place): \(command): \(read.error)")
        proof.count("reads beside frozen writers")
      }
    }

    private func judge(
      _ results: [(workflow: String, result: Tool.Result)],
      killed: Bool,
      _ proof: inout Proof
    ) throws {
      let view = try suite.witness.view(cache: suite.project.cache(cache))
      let doubtful = view.claimed.count + view.outcomes["lost", default: 0]
      #expect(killed || doubtful == 0, place)
      #expect(doubtful <= P10Tests.concurrency, "\(place): \(doubtful) in doubt")
      // What nobody else wanted waits for the next run of the killed one's workflow.
      let isWanted = Set(results.map(\.workflow)) == Set(workflows)
      #expect(asks || !isWanted || view.claimed.isEmpty, place)
      #expect(try suite.project.inDoubt(cache: cache) == view.claimed, "\(place): the tool's list")
      for (_, result) in results where !asks || view.claimed.isEmpty {
        #expect(result.status == 0, "\(place): \(result.error)")
      }
      try judgeCharges(view, doubtful, place)
      proof.count("in doubt", doubtful)

      // Whoever runs again finds all that the others bought, and buys what is in doubt.
      let missing = P10Tests.rows - view.recorded.count
      for workflow in Set(workflows) {
        let again = try Tool.run(
          [
            "run", workflow, "--json", "--in-doubt", "resend", "--cache",
            suite.project.cache(cache),
          ],
          in: suite.project.path
        )
        #expect(again.status == 0, "\(place): \(again.error)")
        #expect((again.calls("made") ?? .max) <= missing, "\(place): \(again.output)")
      }
      try judgeLineages(results)
      let end = try suite.witness.view(cache: suite.project.cache(cache))
      #expect(end.recorded.count == P10Tests.rows && end.claimed.isEmpty, place)
      try judgeCharges(end, doubtful, "\(place), at the end")
      if !killed {
        let made = results.reduce(0) { $0 + ($1.result.calls("made") ?? 0) }
        #expect(made == P10Tests.rows, "\(place): \(made) calls made")
      }
      // The command that a killed process was at is run again.
      let marks = try suite.project.folder.read("marks").split(separator: "\n").count
      #expect((1...(killed ? 2 : 1)).contains(marks), "\(place): \(marks) runs of the command")
      proof.count("calls", P10Tests.rows)
      proof.count("charged twice", try server.entries().charges.values.reduce(-P10Tests.rows, +))
    }

    /// Whether each call was charged once, but for those that the kill put in doubt.
    private func judgeCharges(_ view: Witness.View, _ doubtful: Int, _ place: Comment) throws {
      let charges = try server.entries().charges
      let known = Set(view.recorded.union(view.claimed).compactMap { view.calls[$0] })
      #expect(Set(charges.keys).isSubset(of: known), "\(place): a charge that nobody knows of")
      for key in view.recorded {
        let name = view.calls[key] ?? ""
        #expect((1...2).contains(charges[name, default: 0]), "\(place): call \(key)")
      }
      for key in view.claimed {
        #expect(charges[view.calls[key] ?? "", default: 0] <= 1, "\(place): call \(key)")
      }
      let again = charges.values.reduce(0) { $0 + $1 - 1 }
      #expect(again <= doubtful, "\(place): \(again) were charged again")
    }

    /// Whether each run that came to its end made what it makes alone.
    private func judgeLineages(_ results: [(workflow: String, result: Tool.Result)]) throws {
      var seen: Set<String> = []
      for (workflow, result) in results where result.status == 0 {
        // One of each workflow: the others took the same results from the cache.
        guard seen.insert(workflow).inserted, let id = result.summary["id"]?.string else {
          continue
        }
        let lineage = try P10Tests.lineage(of: id, suite.project, cache: cache)
        #expect(lineage == suite.lineages[workflow], place)
      }
    }
  }
}
