package import ModelService
package import Primitives

/// One line of a completions artifact: what a model answered for one row and sample.
///
/// No time, price or run stands here: the same answers give the same bytes.
package struct CompletionRow: Hashable, Sendable {
  package let id: String
  package let sample: Int
  /// How many draws came before this one and were not usable; the row shows that it was re-rolled.
  ///
  /// Of a conversation those of all its turns.
  package let reroll: Int
  /// What became of the call; only `answered` may go into training without being asked for.
  ///
  /// Of a conversation that of its last turn: one that is not usable ends it.
  package let state: Answer.State
  /// The answer; of a conversation that of its last turn.
  package let text: String
  /// Of a conversation the sum over its turns; nil as soon as one is unknown.
  package let promptTokens: Int?
  package let completionTokens: Int?
  /// The turns of a conversation in their order, up to the first that is not usable; none where one
  /// answer was asked for.
  package let turns: [Turn]

  package init(
    id: String,
    sample: Int,
    reroll: Int = 0,
    state: Answer.State,
    text: String,
    promptTokens: Int?,
    completionTokens: Int?
  ) {
    self.id = id
    self.sample = sample
    self.reroll = reroll
    self.state = state
    self.text = text
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    turns = []
  }

  /// The answer that was asked for alone.
  package init(id: String, sample: Int, _ turn: Turn) {
    self.init(
      id: id,
      sample: sample,
      reroll: turn.reroll,
      state: turn.state,
      text: turn.text,
      promptTokens: turn.promptTokens,
      completionTokens: turn.completionTokens
    )
  }

  package init(id: String, sample: Int, reroll: Int = 0, answer: Answer) {
    self.init(id: id, sample: sample, Turn(answer, reroll: reroll))
  }

  /// A conversation of at least one turn.
  package init(id: String, sample: Int, turns: [Turn]) {
    guard let last = turns.last else { preconditionFailure("BUG: '\(id)' has no turn") }
    self.id = id
    self.sample = sample
    self.turns = turns
    reroll = turns.reduce(0) { $0 + $1.reroll }
    state = last.state
    text = last.text
    promptTokens = Self.sum(turns.map(\.promptTokens))
    completionTokens = Self.sum(turns.map(\.completionTokens))
  }

  /// Whether the user's turns stand in the dataset, and the answers to them in `turns`.
  package var isConversation: Bool { !turns.isEmpty }

  /// Nil as soon as one is unknown: a partial sum would pass for the whole.
  private static func sum(_ counts: [Int?]) -> Int? {
    counts.reduce(0 as Int?) { total, count in
      total.flatMap { total in count.map { total + $0 } }
    }
  }
}

extension CompletionRow {
  /// One answer of the assistant's.
  package struct Turn: Hashable, Sendable {
    package let state: Answer.State
    package let text: String
    package let reroll: Int
    package let promptTokens: Int?
    package let completionTokens: Int?

    package init(
      state: Answer.State = .answered,
      text: String,
      reroll: Int = 0,
      promptTokens: Int? = nil,
      completionTokens: Int? = nil
    ) {
      self.state = state
      self.text = text
      self.reroll = reroll
      self.promptTokens = promptTokens
      self.completionTokens = completionTokens
    }

    init(_ answer: Answer, reroll: Int) {
      self.init(
        state: answer.state,
        text: answer.text,
        reroll: reroll,
        promptTokens: answer.usage.promptTokens,
        completionTokens: answer.usage.completionTokens
      )
    }
  }
}
