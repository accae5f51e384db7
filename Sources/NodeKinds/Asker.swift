import Execution
import ModelService
import Primitives

/// Sends what a questionnaire lacks, and counts.
struct Asker {
  let questions: Questionnaire
  let services: Services
  /// Calls that the rows need at least, for the progress display.
  let total: Int
  private var reported = ContinuousClock.now
  /// The first call that must be sent starts the server of an embedded model, none before it.
  private var endpoint: ModelEndpoint?

  init(_ questions: Questionnaire, _ services: Services, total: Int) {
    self.questions = questions
    self.services = services
    self.total = total
  }

  /// Goes through all rows once and sends what lacks an answer: of a conversation one turn.
  ///
  /// - Throws: what stops all sending; a call that alone stays without an answer is counted.
  mutating func pass(_ tally: inout AskingTally) async throws {
    var missing = try await MissingCalls(
      questions,
      services.models.calls,
      fresh: services.asking.isAnew
    )
    // What earlier passes made is found answered by this one, and is no saving.
    tally.beginPass()
    defer {
      tally.note(missing)
      services.report(tally.progress(of: total))
    }
    switch (services.asking, questions.mode) {
    case (.nothing(let list), _): try await self.list(&missing, &tally, list)
    case (_, .online): try await sendOnline(&missing, &tally)
    case (_, .batch): try await sendInBatches(&missing, &tally)
    }
  }

  // MARK: Online

  /// Keeps a sliding window in flight: enough tasks to keep the endpoint busy, never a task a row.
  ///
  /// After a stop or an error nothing new is sent; what is in flight is awaited and counted, since
  /// it is paid for.
  private mutating func sendOnline(
    _ missing: inout MissingCalls,
    _ tally: inout AskingTally
  ) async throws {
    try await withThrowingTaskGroup(of: Result<CallResult, any Error>.self) { group in
      let service = services.models.calls
      let fresh = services.asking.isAnew
      var next = try await missing.next()?.call
      var inFlight = 0
      var failure: (any Error)?
      while true {
        while let call = next, failure == nil, !Task.isCancelled {
          let endpoint = try await target()
          guard inFlight < max(2, 2 * endpoint.limits.concurrency) else { break }
          group.addTask { await Self.answer(call, service, endpoint, fresh: fresh) }
          inFlight += 1
          next = try await missing.next()?.call
        }
        report(missing, &tally)
        guard let result = try await group.next() else { break }
        inFlight -= 1
        failure = tally.count(result) ?? failure
      }
      if let failure { throw failure }
      try Task.checkCancellation()
    }
  }

  private static func answer(
    _ call: ModelCall,
    _ service: CallService,
    _ endpoint: ModelEndpoint,
    fresh: Bool
  ) async -> Result<CallResult, any Error> {
    do {
      return .success(try await service.answer(call, from: endpoint, fresh: fresh, isNew: true))
    } catch {
      return .failure(error)
    }
  }

  /// Tells of the progress ten times a second: thousands of calls come in one.
  private mutating func report(_ missing: MissingCalls, _ tally: inout AskingTally) {
    let now = ContinuousClock.now
    guard now - reported >= .milliseconds(100) else { return }
    reported = now
    tally.note(missing)
    services.report(tally.progress(of: total))
  }

  mutating func target() async throws -> ModelEndpoint {
    if let endpoint { return endpoint }
    let found = try await services.models.endpoint(for: questions.model)
    endpoint = found
    return found
  }
}
