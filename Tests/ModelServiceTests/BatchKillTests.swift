import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("A batch survives the end of its process")
struct BatchKillTests {
  @Test(
    "killed at any point: each call is in one batch, and answered",
    arguments: KillPoint.all,
    [nil, Dialect.azure(apiVersion: "2024-10-21")]
  )
  func survives(point: KillPoint, dialect: Dialect?) async throws {
    let point = KillPoint(point.moment, isAnswered: point.isAnswered)
    let server = BatchServer(hook: point.pass)
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture, dialect)
    let calls = BatchTests.calls(["a", "b", "c"], endpoint)
    let killed = try await fixture.kill(at: point) { service in
      try await service.batches.answer(calls, from: endpoint)
    }
    // Not in doubt: they are in a batch, which can be asked.
    #expect(try await fixture.store.ledger.inDoubt().isEmpty)

    let report = try await fixture.service(runID: "later").batches.answer(calls, from: endpoint)
    #expect(report.made == 3)
    #expect(report.failures.isEmpty)
    #expect(server.promptCounts == ["a": 1, "b": 1, "c": 1])
    #expect(server.batches.count == 1)
    #expect(try await fixture.store.ledger.recorded(calls.map(\.key)).count == 3)
    #expect(try await fixture.store.ledger.jobs(openOnly: true).isEmpty)
    fixture.server.stop()
    _ = await killed.result
  }

  @Test(
    "a run with other calls beside those of a killed run's batch waits for it, and sends the rest"
  )
  func joinsBatches() async throws {
    let point = KillPoint(.poll, isAnswered: false)
    let server = BatchServer(hook: point.pass)
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let first = BatchTests.calls(["a", "b"], endpoint)
    let killed = try await fixture.kill(at: point) { service in
      try await service.batches.answer(first, from: endpoint)
    }
    let second = BatchTests.calls(["b", "c"], endpoint)
    let report = try await fixture.service(runID: "later").batches.answer(second, from: endpoint)
    #expect(report.failures.isEmpty)
    #expect(server.batches.map { $0.lines.map(\.prompt) } == [["a", "b"], ["c"]])
    let all = first.map(\.key) + second.map(\.key)
    #expect(try await fixture.store.ledger.recorded(all).count == 3)
    fixture.server.stop()
    _ = await killed.result
  }
}
