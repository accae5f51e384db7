import ModelService
import Tasks

/// One step of asking about a row: a call, and what was answered before it.
///
/// What comes next is known only with the answer: nothing, another draw, or the next turn of the
/// conversation.
struct Inquiry: Sendable {
  let record: Record
  /// The assistant's own answers in the turns before.
  let answers: [String]
  /// What the user says turn by turn; nil where one answer is all that is asked for.
  let turns: [String]?
  let call: ModelCall

  /// How many further turns hang on the answer.
  var turnsLeft: Int { (turns?.count ?? 1) - answers.count - 1 }
}

extension Questionnaire {
  /// The first calls for one row, one a sample.
  func inquiries(about record: Record) throws -> [Inquiry] {
    let turns = try prompt.turns(of: record)
    let request = try request(record, after: [])
    return (0..<samples).map { sample in
      let draw = Draw(seed: Int64(seed), sample: sample)
      let call = ModelCall(request, draw: draw, model: identity)
      return Inquiry(record: record, answers: [], turns: turns, call: call)
    }
  }

  /// What an answer leads to: a further draw if it is not usable and one is left, else the next turn
  /// if it is; nil ends the row's sample.
  ///
  /// An answer that is not usable ends its conversation: what would be asked behind it could only be
  /// asked as if the model had said so.
  func next(after inquiry: Inquiry, _ answer: Answer) throws -> Inquiry? {
    guard answer.isUsable else { return reroll(inquiry, answer) }
    guard inquiry.turnsLeft > 0 else { return nil }
    let answers = inquiry.answers + [answer.text]
    let draw = Draw(seed: inquiry.call.draw.seed, sample: inquiry.call.draw.sample)
    return Inquiry(
      record: inquiry.record,
      answers: answers,
      turns: inquiry.turns,
      call: ModelCall(try request(inquiry.record, after: answers), draw: draw, model: identity)
    )
  }

  private func reroll(_ inquiry: Inquiry, _ answer: Answer) -> Inquiry? {
    let before = inquiry.call.draw
    guard before.reroll < rerolls, Self.mayReroll(answer.state) else { return nil }
    let draw = Draw(seed: before.seed, sample: before.sample, reroll: before.reroll + 1)
    return Inquiry(
      record: inquiry.record,
      answers: inquiry.answers,
      turns: inquiry.turns,
      call: ModelCall(inquiry.call.request, draw: draw, model: identity)
    )
  }

  /// A service that cannot take the request will not take it the next time either, and a call that
  /// was given up is not to be paid again.
  private static func mayReroll(_ state: Answer.State) -> Bool {
    switch state {
    case .answered, .rejected, .skipped: false
    case .truncated, .refused, .filtered, .empty, .toolCall, .unknownFinish, .looped: true
    }
  }

  private func request(_ record: Record, after answers: [String]) throws -> LogicalRequest {
    let messages = try prompt.render(record, after: answers).map {
      PromptMessage(role: $0.role.rawValue, content: $0.content)
    }
    return LogicalRequest(messages: messages, decoding: decoding)
  }
}
