import Foundation
import Primitives
import TestSupport
import Testing

/// P12: Ctrl-C is boring.
@Suite("P12", .serialized)
struct P12Tests {
  private static let rows = 60
  private static let concurrency = 8
  private static let settings = Project.Settings(concurrency: concurrency)

  @Test(
    "signals at random moments, at a terminal and at a pipe: everything answered is kept",
    arguments: Terminal.Event.allCases
  )
  func signals(_ event: Terminal.Event) throws {
    var proof = Proof("P12 \(event.rawValue)")
    let count = 2 * Proof.count(full: 100, short: 3)
    let lineage = try Self.lineage()
    let moments = (0..<count).map { _ in
      (proof.random.below(1_000_000), proof.random.below(60_000))
    }
    let broken = Trials.run(count, atOnce: 3) { [seed = proof.seed] index, findings in
      let trial = try Trial(
        event,
        isTerminal: index.isMultiple(of: 2),
        moment: moments[index].0,
        gap: moments[index].1,
        place: "seed \(seed), trial \(index)"
      )
      try trial.run(lineage, &findings)
    }
    for finding in broken { Issue.record("\(event): \(finding)") }
    proof.count("runs", count)
    proof.count("broken", broken.count)
    try proof.report()
  }

  private static func lineage() throws -> String {
    let project = try Project(rows: rows)
    let server = try TollServer()
    try project.write(server.url, settings)
    let run = try project.run()
    try #require(run.status == 0, "\(run.error)")
    return try project.lineage()
  }

  /// One run that something happens to, and its resumption.
  private struct Trial {
    let event: Terminal.Event
    let isTerminal: Bool
    let moment: Int
    let gap: Int
    let place: String
    let project: Project
    let server: TollServer

    init(
      _ event: Terminal.Event,
      isTerminal: Bool,
      moment: Int,
      gap: Int,
      place: String
    ) throws {
      self.event = event
      self.isTerminal = isTerminal
      self.moment = moment
      self.gap = gap
      self.place = "\(place), \(isTerminal ? "terminal" : "pipe"), after \(moment) µs"
      project = try Project(rows: P12Tests.rows)
      server = try TollServer("--latency", "30-60")
      try project.write(server.url, P12Tests.settings)
    }

    func run(_ lineage: String, _ findings: inout Findings) throws {
      let end = try Terminal.run(
        ["run", "w.yaml", "--cache", project.cache()],
        in: project.path,
        isTerminal: isTerminal,
        event,
        after: moment,
        gap: gap
      )
      let sent = try server.entries().chat.count
      let view = try Witness().view(cache: project.cache())
      findings.hold(
        isRight(end, sent: sent),
        "\(place): exit \(end.status): \(end.output.suffix(600))"
      )
      if event != .interruptTwice {
        // Calls in flight were waited for: what was sent is recorded, and none is in doubt.
        findings.hold(view.claimed.isEmpty, "\(place): \(view.claimed.count) in doubt")
        findings.hold(view.recorded.count == sent, "\(place): \(sent) sent")
      }
      findings.hold(view.claimed.count <= P12Tests.concurrency, "\(place): \(view.claimed.count)")

      let again = try project.run()
      findings.hold(again.status == 0, "\(place): then exit \(again.status): \(again.error)")
      findings.hold(try project.lineage() == lineage, "\(place): other results")
      let charges = try server.entries().charges
      let doubtful = Set(view.claimed.compactMap { view.calls[$0] })
      findings.hold(charges.count == P12Tests.rows, "\(place): \(charges.count) calls charged")
      for (key, count) in charges {
        findings.hold(count <= (doubtful.contains(key) ? 2 : 1), "\(place): charged \(count) times")
      }
    }

    /// Whether the run ended as its event asks for.
    private func isRight(_ end: Terminal.End, sent: Int) -> Bool {
      // Before the tool has begun to watch, a signal ends it as any program; nothing is sent then.
      let isEarly = end.status < 0 && sent == 0
      switch event {
      case .interrupt, .interruptTwice:
        return end.wasOver && end.status == 0 || end.status == 130 || end.status == 0
          || isEarly && end.status == -Int(SIGINT)
      case .terminate:
        return end.status == 143 || end.status == 0 || isEarly && end.status == -Int(SIGTERM)
      case .hangUp, .closedPipe:
        return end.status == 0
          || isEarly && (end.status == -Int(SIGHUP) || end.status == -Int(SIGPIPE))
      }
    }
  }
}
