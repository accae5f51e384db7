import ModelService
import Primitives
import Store
import Tasks

/// Finds the calls behind the rows of one action in the ledger.
struct RowCaller {
  private let tracer: Tracer
  private let step: Step
  private let calls: RowCalls
  private let model: ModelTrail?
  private let tunedBy: String?

  /// Nil where the preimage does not say what was asked.
  init?(_ tracer: Tracer, _ trail: Trail, _ step: Step) async throws {
    guard let calls = try await RowCalls(step, tracer.store.objects) else { return nil }
    self.tracer = tracer
    self.step = step
    self.calls = calls
    let models = step.sources.compactMap { source -> ModelTrail? in
      guard case .model(let model) = source.origin else { return nil }
      return source.slot == "model" ? model : nil
    }
    model = models.first
    tunedBy = models.first?.maker.flatMap { trail[$0]?.name }
  }

  /// The calls of a row: of completions those that the line holds, one a turn; of scores every draw of
  /// every sample and turn, in their order.
  func calls(of line: RowLine, _ record: Record?, _ reading: JSON?) async throws -> [CallTrail] {
    guard let record else { return [] }
    let reading = try reading.map { try Reading(json: $0) }
    if let sample = line.value["sample"]?.int {
      return try await held(line, record, sample: sample, reading)
    }
    var trails: [CallTrail] = []
    for sample in 0..<calls.samples {
      var answers: [String] = []
      for _ in 0..<(try calls.turns(of: record)) {
        let draws = try await draws(record, after: answers, sample: sample, reading)
        trails += draws
        // Behind an answer that was not usable nothing was asked.
        guard let usable = draws.last(where: \.isUsable)?.text else { break }
        answers.append(usable)
      }
    }
    return trails
  }

  /// The calls whose answers a line of completions holds.
  private func held(
    _ line: RowLine,
    _ record: Record,
    sample: Int,
    _ reading: Reading?
  ) async throws -> [CallTrail] {
    var answers: [String] = []
    var trails: [CallTrail] = []
    for turn in line.value["turns"]?.array ?? [line.value] {
      let call = try calls.call(
        record,
        after: answers,
        sample: sample,
        reroll: turn["reroll"]?.int ?? 0
      )
      let text = turn["text"]?.string
      trails.append(try await trail(of: call, text: text, record, reading))
      answers.append(text ?? "")
    }
    return trails
  }

  /// Every draw of one turn.
  private func draws(
    _ record: Record,
    after answers: [String],
    sample: Int,
    _ reading: Reading?
  ) async throws -> [CallTrail] {
    var trails: [CallTrail] = []
    for reroll in 0...calls.rerolls {
      let call = try calls.call(record, after: answers, sample: sample, reroll: reroll)
      let found = try await trail(of: call, text: nil, record, reading)
      // The first draw is told of even where the ledger has it not: it was made.
      guard found.detail != nil || reroll == 0 else { break }
      trails.append(found)
    }
    return trails
  }

  private func trail(
    of call: ModelCall,
    text: String?,
    _ record: Record,
    _ reading: Reading?
  ) async throws -> CallTrail {
    let detail = try await detail(call.key)
    let attempt = detail.flatMap { used($0.attempts, text) }
    let answer = attempt?.body.flatMap { try? JSON(parsing: $0) }?["text"]?.string
    var origin: RunOrigin?
    if let run = attempt?.runID { origin = try await tracer.origin(run) }
    return CallTrail(
      call: call,
      model: model,
      tunedBy: tunedBy,
      detail: detail,
      attempt: attempt,
      origin: origin,
      read: answer.flatMap { answer in reading?.read(answer, for: record) }
    )
  }

  private func detail(_ key: Digest) async throws -> CallDetail? {
    do {
      return try await tracer.store.ledger.callDetail(key.hex)
    } catch StoreError.noSuchCall {
      return nil
    }
  }

  /// The attempt that the result was made of: a call that was made again later has further ones.
  private func used(_ attempts: [AttemptRecord], _ text: String?) -> AttemptRecord? {
    let answered = attempts.filter { $0.body != nil }
    let before = answered.filter { attempt in
      guard let madeAt = step.madeAt, let ended = attempt.endedAt else { return true }
      return ended <= madeAt
    }
    let fitting = before.filter { attempt in
      guard let text, let body = attempt.body, let json = try? JSON(parsing: body) else {
        return text == nil
      }
      return json["text"]?.string.map { UTF8Order.equal($0, text) } ?? false
    }
    return fitting.last ?? before.last ?? answered.last
  }
}
