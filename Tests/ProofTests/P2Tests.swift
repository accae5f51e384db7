import Foundation
import Primitives
import TestSupport
import Testing

/// P2: one attempt is one sending.
///
/// `Tests/TransferTests` proves it for the transport; this is the whole tool, on kept-alive
/// connections that the server drops after it charged.
@Suite("P2", .serialized)
struct P2Tests {
  private static let rows = 500

  @Test(
    "the server charges and drops every fifth call: each attempt is charged once, and in doubt",
    arguments: ["close-after-charge", "reset-after-charge", "reset-inside-answer", "bad-gateway"]
  )
  func drops(_ fault: String) throws {
    var proof = Proof("P2 \(fault)")
    for _ in 0..<Proof.count(full: 10, short: 1) {
      let project = try Project(rows: Self.rows)
      let server = try TollServer(faults: ["every": ["5": .string(fault)]])
      let settings = Project.Settings(concurrency: 8, top: "in_doubt: resend")
      try project.write(server.url, settings)
      // A call that is dropped again waits for the next run.
      var runs = 0
      while try project.run().status != 0 {
        runs += 1
        try #require(runs < 20, "\(fault): the run never ends")
      }
      let entries = try server.entries().chat
      let view = try Witness().view(cache: project.cache())
      let attempts = view.outcomes.values.reduce(0, +)
      #expect(entries.count == attempts, "\(fault): sendings beside the ledger's attempts")
      let charged = entries.count { $0.isCharged }
      #expect(charged == attempts, "\(fault): charges beside attempts")
      let dropped = entries.count { $0.fault != nil }
      #expect(view.outcomes == ["answered": Self.rows, "lost": dropped], "\(fault)")
      #expect(Set(entries.compactMap(\.idempotencyKey)).count == Self.rows)
      proof.count("calls", Self.rows)
      proof.count("attempts", attempts)
      proof.count("charges", charged)
      proof.count("dropped", dropped)
    }
    try proof.report()
  }

  @Test("the server is killed again and again: no sending that it charged counts as not sent")
  func serverKilled() throws {
    var proof = Proof("P2 server killed")
    for _ in 0..<Proof.count(full: 20, short: 1) {
      let project = try Project(rows: Self.rows)
      let server = try TollServer("--latency", "20-60")
      try project.write(
        server.url,
        Project.Settings(concurrency: 16, top: "in_doubt: resend")
      )
      var runs = 0
      while true {
        let run = try project.start()
        while run.isRunning, runs < 2 {
          usleep(UInt32(100_000 + proof.random.below(300_000)))
          // For so long nothing listens, and a repetition by libcurl cannot connect.
          try server.restart(after: proof.random.below(100_000))
          proof.count("kills of the server")
        }
        runs += 1
        if try run.result().status == 0 { break }
        try #require(runs < 20, "the run never ends")
      }
      let entries = try server.entries().chat
      let outcomes = try Witness().view(cache: project.cache()).outcomes
      let lost = outcomes["lost", default: 0]
      let place: Comment = "seed \(proof.seed): \(outcomes)"
      #expect(outcomes["answered"] == Self.rows, place)
      #expect(entries.count <= Self.rows + lost, "\(place): \(entries.count) sendings")
      #expect(entries.charges.count == Self.rows, place)
      proof.count("calls", Self.rows)
      proof.count("charges", entries.count { $0.isCharged })
      proof.count("lost", lost)
      proof.count("not sent", outcomes["not-sent", default: 0])
    }
    #expect(proof.counted("lost") > 0, "no call was under way at a kill")
    try proof.report()
  }
}
