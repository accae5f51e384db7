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
    failure.facts = total.facts
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

  /// Goes through the rows until none lacks an answer: that an answer is to be drawn again, or what
  /// the next turn of a conversation is, is known only when it is there.
  private func askAll(_ services: Services, _ tally: inout AskingTally) async throws {
    let extent = try await extent()
    var asker = Asker(self, services, total: extent.calls * samples)
    for _ in 0..<extent.turns * (rerolls + 1) {
      let before = tally.made
      try await asker.pass(&tally)
      guard tally.made > before, tally.unanswered == 0 else { return }
    }
  }

  /// How many calls the rows need at least, for one sample each, and the most turns that one has.
  private func extent() async throws -> (calls: Int, turns: Int) {
    let source = source
    let prompt = prompt
    let limit = rowLimit ?? .max
    return try await Blocking.run {
      guard prompt.turnsField != nil else { return (min(try source.count(), limit), 1) }
      let reader = try source.open()
      var extent = (calls: 0, turns: 1)
      var rows = 0
      while rows < limit, let record = try reader.next() {
        rows += 1
        let turns = try prompt.turns(of: record)?.count ?? 1
        extent.calls += turns
        extent.turns = max(extent.turns, turns)
      }
      return extent
    }
  }
}
