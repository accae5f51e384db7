import Execution
import ModelService
import Primitives
import Tasks

extension Questionnaire {
  /// Makes every call that has no recorded answer yet; returns when all have one.
  ///
  /// - Parameters:
  ///   - services: Where to ask, and whom to tell of the progress.
  ///   - total: What asking has come to so far, in earlier questionnaires too; it is added to.
  /// - Throws: `NodeFailure` when any call stays without an answer, with what was spent among its
  ///   facts. Answers that came are kept.
  func ask(_ services: Services, _ total: inout AskingTally) async throws {
    var tally = AskingTally()
    let failure = await failure(services, &tally)
    total.add(tally)
    guard var failure else { return }
    failure.facts = total.facts(for: model)
    throw failure
  }

  func ask(_ services: Services) async throws -> AskingTally {
    var tally = AskingTally()
    try await ask(services, &tally)
    return tally
  }

  /// Asks, and puts whatever went wrong into words.
  private func failure(_ services: Services, _ tally: inout AskingTally) async -> NodeFailure? {
    do {
      try await askAll(services, &tally)
      return tally.failure
    } catch let CallError.stopped(stop) {
      return self.failure(stop)
    } catch {
      return NodeFailure(wrapping: error)
    }
  }

  private func failure(_ stop: EndpointStop) -> NodeFailure {
    if case .checkpoint = model.target, stop.kind == .unreachable {
      return NodeFailure(
        "the tool's own server of embedded models has ended (\(stop.message))",
        hint: "the answers that came are kept; 'distill run' again starts it anew"
      )
    }
    return NodeFailure(
      stop.message,
      reason: stop.isPause ? .paused : .failed,
      hint: stop.hint
    )
  }

  private func askAll(_ services: Services, _ tally: inout AskingTally) async throws {
    let service = services.models.calls
    let total = try await countRows() * samples
    var endpoint: ModelEndpoint?
    let stream = try await RecordStream(path: dataPath)
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      let calls = try records.flatMap { try self.calls(for: $0) }
      let recorded = try await service.alreadyRecorded(calls.map(\.key))
      let missing = calls.filter { !recorded.contains($0.key) }
      tally.calls += calls.count
      tally.reused += calls.count - missing.count
      if !missing.isEmpty {
        // The first call that must be sent starts the server of an embedded model, none before it.
        let target =
          if let endpoint { endpoint } else { try await services.models.endpoint(for: model) }
        endpoint = target
        try await send(missing, service, target, &tally) {
          services.report($0.progress(of: total))
        }
      }
      services.report(tally.progress(of: total))
    }
  }

  private func countRows() async throws -> Int {
    let path = dataPath
    return try await Blocking.run {
      var reader = try LineReader(path: path)
      var count = 0
      while try reader.next() != nil { count += 1 }
      return count
    }
  }

  /// Sends with a sliding window: enough tasks to keep the endpoint busy, never a task a row.
  ///
  /// After a stop or an error nothing new is sent; what is in flight is awaited and counted, since
  /// it is paid for.
  private func send(
    _ calls: [ModelCall],
    _ service: CallService,
    _ endpoint: ModelEndpoint,
    _ tally: inout AskingTally,
    report: (AskingTally) -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Result<CallResult, any Error>.self) { group in
      var waiting = calls.makeIterator()
      var inFlight = 0
      var firstError: (any Error)?
      let window = max(2, 2 * endpoint.limits.concurrency)
      while true {
        while inFlight < window, firstError == nil, !Task.isCancelled, let call = waiting.next() {
          group.addTask { await Self.send(call, service, endpoint) }
          inFlight += 1
        }
        guard let result = try await group.next() else { break }
        inFlight -= 1
        switch result {
        case .success(let answered): tally.count(answered)
        case .failure(CallError.inDoubt(let trouble)), .failure(CallError.unanswered(let trouble)):
          tally.count(trouble)
        case .failure(let error): firstError = firstError ?? error
        }
        report(tally)
      }
      if let firstError { throw firstError }
      try Task.checkCancellation()
    }
  }

  private static func send(
    _ call: ModelCall,
    _ service: CallService,
    _ endpoint: ModelEndpoint
  ) async -> Result<CallResult, any Error> {
    do {
      return .success(try await service.answer(call.request, draw: call.draw, from: endpoint))
    } catch {
      return .failure(error)
    }
  }
}
