import Foundation
import Primitives
import TestSupport
import Testing

/// P4: the spending limit is a hard limit.
@Suite("P4", .serialized)
struct P4Tests {
  /// Faults that charge and faults that do not, without long waits.
  private static let faults: [JSON] = [
    "rate-limit-ms", "server-error", "reset-before-charge", "close-before-charge",
    "reset-after-charge", "close-after-charge", "bad-gateway", "reset-inside-answer", "short-body",
    "html", "error-inside", "no-usage", "negative-usage", "too-large",
  ]

  @Test("random workloads under a cap that two processes share, with faults, kills, resumption")
  func cap() throws {
    var proof = Proof("P4")
    let witness = try Witness()
    for number in 1...Proof.count(full: 1000, short: 12) {
      var workload = try Workload(&proof, number, witness)
      try workload.run(&proof)
      proof.count("workloads")
      proof.count("exhausted", workload.wasExhausted ? 1 : 0)
    }
    #expect(proof.counted("exhausted") > 0, "no cap was ever reached")
    try proof.report()
  }

  @Test("a price that is not known is unknown, and under a budget an error before anything is sent")
  func unknownPrice() throws {
    let project = try Project(rows: 5)
    let server = try TollServer()
    try project.write(server.url)
    let priced = try project.folder.read("w.yaml")
    let unpriced = priced.replacingOccurrences(of: Project.price, with: "")
    try project.folder.write("budget: 1 USD\n" + unpriced, to: "w.yaml")
    #expect(try project.run().status == 2)
    #expect(try project.run("--max-cost", "1").status == 2)
    #expect(try server.entries().isEmpty)

    try project.folder.write(unpriced, to: "w.yaml")
    #expect(try project.run("--max-cost", "1").status == 2)
    #expect(try server.entries().isEmpty)
    let run = try project.run()
    #expect(run.status == 0, "\(run.error)")
    #expect(run.summary["cost_usd"]?.isNull == true, "\(run.output)")
  }

  /// One store, one cap, two workflows of one name.
  private struct Workload {
    let project: Project
    let server: TollServer
    let witness: Witness
    /// How far the account may go.
    let cap: Money
    let place: Comment
    var random: SeededGenerator
    var wasExhausted = false

    init(_ proof: inout Proof, _ number: Int, _ witness: Witness) throws {
      self.witness = witness
      random = SeededGenerator(seed: proof.seed, label: "P4 \(number)")
      let rows = 10 + random.below(60)
      project = try Project(rows: rows)
      server = try TollServer(
        faults: [
          "probability": [
            "share": 0.1, "seed": JSON(random.below(1_000_000)), "of": .array(P4Tests.faults),
          ]
        ]
      )
      // A call reserves about 0.004 USD and costs less than a tenth of it.
      let share = 0.05 + random.unit()
      cap = Money(usd: (Double(rows) * 0.002 * share * 1e6).rounded() / 1e6)
      place = "seed \(proof.seed), workload \(number): \(rows) rows, cap \(cap.usd) USD"
      let settings = Project.Settings(top: "budget: \(cap.usd) USD\nin_doubt: resend")
      for name in ["a.yaml", "b.yaml"] { try project.write(server.url, to: name, settings) }
    }

    mutating func run(_ proof: inout Proof) throws {
      for round in 1...3 {
        let runs = try ["a.yaml", "b.yaml"].map { name in
          try Tool.start(
            ["run", name, "--json", "--cache", project.cache()],
            in: project.path
          )
        }
        // The last round is left in peace.
        if round < 3 { try disturb(runs, &proof) }
        for run in runs {
          let result = try run.result()
          if result.signal == nil {
            #expect([0, 1, 4].contains(result.status), "\(place): \(result.error)")
            wasExhausted = wasExhausted || result.status == 4
          }
        }
        try check()
      }
      proof.count("calls charged", try server.entries().filter(\.isCharged).count)
    }

    /// Looks at the ledger while both run, and kills one of them, or both.
    private mutating func disturb(_ runs: [Running], _ proof: inout Proof) throws {
      for _ in 0..<3 {
        usleep(UInt32(random.below(150_000)))
        try check(live: true)
        proof.count("looks at the ledger")
      }
      for run in runs where random.below(2) == 0 {
        if run.killed() { proof.count("kills") }
      }
    }

    /// Whether the account, what its rows add up to, and what was really charged are below the cap.
    private func check(live: Bool = false) throws {
      let view = try witness.view(cache: project.cache(), live: live)
      #expect(view.accounts["proof", default: 0] <= cap.nanos, "\(place): the account")
      #expect(
        view.committed["proof", default: 0] == view.accounts["proof", default: 0],
        "\(place): account and attempts"
      )
      let charged = try server.entries().money(input: 2.5, output: 10)
      #expect(charged <= cap, "\(place): \(charged.usd) USD were charged")
    }
  }
}
