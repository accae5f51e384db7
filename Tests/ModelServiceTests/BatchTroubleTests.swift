import Diagnostics
import ModelService
import Primitives
import Store
import TestSupport
import Testing

@Suite("Batches in trouble")
struct BatchTroubleTests {
  private func error(
    _ server: BatchServer,
    _ prompts: [String] = ["a", "b"]
  ) async throws -> (any Error, Fixture) {
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(prompts, endpoint)
    do {
      let report = try await fixture.service().batches.answer(calls, from: endpoint)
      throw Unexpected(report: report)
    } catch let error as BatchError {
      return (error, fixture)
    } catch let error as CallError {
      return (error, fixture)
    }
  }

  private struct Unexpected: Error {
    let report: BatchReport
  }

  @Test(
    "a batch that cannot be worked on says why, frees its calls, and is made anew by the next run"
  )
  func reportsFailures() async throws {
    let errors: JSON = [
      "data": [
        ["message": "bad\nline", "line": 1], ["message": "b"], ["message": "c"], ["message": "d"],
      ]
    ]
    let server = BatchServer(end: { batch in
      guard batch.id == "batch-1" else {
        return BatchServer.End(output: batch.lines.map { $0.answered() })
      }
      return BatchServer.End(status: "failed", more: JSONObject([("errors", errors)]))
    })
    let (error, fixture) = try await error(server)
    #expect("\(error)" == "batch 'batch-1' failed: line 1: bad line; b; c (and 1 more)")
    let ledger = fixture.store.ledger
    #expect(try await ledger.jobs().map(\.state) == [.failed])
    #expect(try await ledger.inDoubt().isEmpty)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(["a", "b"], endpoint)
    #expect(try await fixture.service().batches.answer(calls, from: endpoint).made == 2)
  }

  @Test("a batch that is refused costs nothing; its reservation is free again")
  func reportsRefusals() async throws {
    let server = BatchServer(creation: { _ in .refused(.answer(400, Chat.error("no batches"))) })
    let (error, fixture) = try await error(server)
    #expect(
      "\(error)"
        == "the batch was refused: '\(fixture.server.url)/v1' answered /batches with 400: no batches"
    )
    #expect(server.batches.isEmpty)
    #expect(try await fixture.store.ledger.jobs().map(\.state) == [.failed])
  }

  @Test("an answer that is lost is found by its tag: one batch")
  func findsLostAnswers() async throws {
    let server = BatchServer(creation: { _ in .answerLost })
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(["a"], endpoint)
    #expect(try await fixture.service().batches.answer(calls, from: endpoint).made == 1)
    #expect(server.batches.count == 1)
  }

  @Test("a batch that its service forgot leaves its calls in doubt")
  func leavesDoubtWhenGone() async throws {
    let server = BatchServer(hook: { $0 == .poll ? .answer(404, "{}") : nil })
    let (error, fixture) = try await error(server)
    #expect(
      "\(error)" == "batch 'batch-1' is not known to its service any more; its calls are in doubt"
    )
    #expect(try await fixture.store.ledger.inDoubt().count == 2)
  }

  @Test("a result file that cannot be had leaves the batch open, and is read by the next run")
  func readsFilesLater() async throws {
    let point = KillPoint(.download, isAnswered: true)
    point.open()
    let server = BatchServer(
      download: { _ in .answer(403, Chat.error("not now")) },
      end: { BatchServer.End(output: $0.lines.map { $0.answered() }) }
    )
    let (error, fixture) = try await error(server)
    #expect("\(error)".hasPrefix("batch 'batch-1' cannot be followed: "))
    #expect(try await fixture.store.ledger.jobs(openOnly: true).count == 1)
    #expect(try await fixture.store.ledger.inDoubt().isEmpty)
  }

  @Test("long silence ends the waiting; the batch is left alone and found again")
  func endsWaiting() async throws {
    let server = BatchServer(hook: { $0 == .poll ? .answer(500, "{}") : nil })
    let (error, fixture) = try await error(server)
    guard case BatchError.unreachable(batch: "batch-1", _) = error else {
      Issue.record("expected 'unreachable', found \(error)")
      return
    }
    #expect(fixture.clock.sleeps.reduce(.zero, +) >= .seconds(60))
    let job = try #require(try await fixture.store.ledger.jobs(openOnly: true).first)
    #expect(!job.isFollowed)
  }

  @Test(
    "blips on the way",
    arguments: [
      "validating", "in_progress", "finalizing", "cancelling", "contemplating", "Validating",
    ]
  )
  func survivesBlips(status: String) async throws {
    let server = BatchServer(status: { $0 == 1 ? status : nil })
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(["a"], endpoint)
    #expect(try await fixture.service().batches.answer(calls, from: endpoint).made == 1)
  }

  @Test("what fits into the budget is answered, then the run pauses; nothing is beyond it")
  func holdsBudgets() async throws {
    let server = BatchServer()
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(["a", "b", "c"], endpoint)
    // 81 tokens at half a dollar a million, and 100 at one: the worst case of one call.
    let worst = Money(nanos: 81 * 500 + 100 * 1000)
    let limit = Money(nanos: 2 * worst.nanos)
    let service = CallService(
      ledger: fixture.store.ledger,
      runID: "run",
      account: "flow",
      budgets: [Budget(account: "flow", limit: limit)],
      transfer: fixture.transfer,
      time: fixture.clock.timekeeper
    )
    let error = await #expect(throws: CallError.self) {
      try await service.batches.answer(calls, from: endpoint)
    }
    guard case .stopped(let stop)? = error else {
      Issue.record("expected a stop, found \(String(describing: error))")
      return
    }
    #expect(stop.kind == .budget)
    #expect(stop.isPause)
    #expect(server.promptCounts == ["a": 1, "b": 1])
    #expect(try await fixture.store.ledger.recorded(calls.map(\.key)).count == 2)
    let spending = try await fixture.store.ledger.spending(account: "flow")
    #expect(spending.settled == Money(nanos: 2 * (7 * 500 + 5 * 1000)))
    #expect(spending.reserved == .zero)
  }

  @Test("a quota that ends inside a batch stops the run, and what was answered is kept")
  func stopsAtQuota() async throws {
    let server = BatchServer(end: { batch in
      let quota = Chat.error("no money", type: "insufficient_quota")
      return BatchServer.End(
        output: [batch.lines[0].answered()],
        errors: [batch.lines[1].answered(429, quota)]
      )
    })
    let (error, fixture) = try await error(server)
    guard case CallError.stopped(let stop) = error else {
      Issue.record("expected a stop, found \(error)")
      return
    }
    #expect(stop.kind == .quota)
    #expect(server.batches.count == 1)
    let endpoint = try BatchTests.endpoint(fixture)
    let keys = BatchTests.calls(["a", "b"], endpoint).map(\.key)
    #expect(try await fixture.store.ledger.recorded(keys) == [keys[0]])
    #expect(try await fixture.store.ledger.inDoubt().isEmpty)
  }

  @Test("a call that no batch ever answers is given up, and said")
  func givesUp() async throws {
    let server = BatchServer(end: { batch in
      BatchServer.End(
        status: "expired",
        output: batch.lines.filter { $0.prompt == "a" }.map { $0.answered() },
        errors: batch.lines.filter { $0.prompt == "b" }.map { $0.withheld("batch_expired") }
      )
    })
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(["a", "b"], endpoint)
    let report = try await fixture.service().batches.answer(calls, from: endpoint)
    #expect(report.made == 1)
    #expect(server.promptCounts == ["a": 1, "b": 4])
    guard case .unanswered(let trouble)? = report.failures[calls[1].key] else {
      Issue.record("expected no answer, found \(report.failures)")
      return
    }
    #expect(trouble.message == "batch_expired: not done")
  }

  @Test("Ctrl-C leaves the batch running, says so, and the next run takes its answers")
  func leavesBatchesRunning() async throws {
    let point = KillPoint(.poll, isAnswered: true)
    let server = BatchServer(status: { $0 < 3 ? "in_progress" : nil }, hook: point.pass)
    let fixture = try await Fixture(server.answer)
    let endpoint = try BatchTests.endpoint(fixture)
    let calls = BatchTests.calls(["a"], endpoint)
    let service = fixture.service()
    let task = Task { try await service.batches.answer(calls, from: endpoint) }
    await point.waitForArrival()
    task.cancel()
    point.open()
    let pending = await #expect(throws: RemoteJobPending.self) { try await task.value }
    #expect(pending?.kind == .batch)
    #expect(pending?.job == "batch-1")
    #expect(server.batches.map(\.isCancelled) == [false])
    #expect(try await fixture.service().batches.answer(calls, from: endpoint).made == 1)
    #expect(server.batches.count == 1)
  }

  @Test("calls are cut into files at the limits of lines and of bytes")
  func cutsFiles() throws {
    let address = try ServiceAddress(baseURL: "https://example.net/v1")
    let endpoint = try ModelEndpoint(
      address: address,
      model: "m",
      identity: .endpoint(address, model: "m", revision: nil)
    )
    let calls = BatchTests.calls((0..<7).map { "\($0)" }, endpoint)
    let byLines = BatchPieces.cut(calls, lines: 3, bytes: 1000) { _ in 1 }
    #expect(byLines.map(\.count) == [3, 3, 1])
    let byBytes = BatchPieces.cut(calls, lines: 100, bytes: 10) { _ in 4 }
    #expect(byBytes.map(\.count) == [2, 2, 2, 1])
    let large = BatchPieces.cut(calls, lines: 100, bytes: 10) { _ in 40 }
    #expect(large.map(\.count) == [1, 1, 1, 1, 1, 1, 1])
    #expect(byLines.flatMap { $0.map(\.key) } == calls.map(\.key))
    #expect(BatchPieces.cut([], lines: 3, bytes: 10) { _ in 1 }.isEmpty)
  }
}
