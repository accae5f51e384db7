/// One answer to generate.
package struct GenerationRequest: Sendable, Hashable {
  package var messages: [ChatMessage]
  /// 0 to 2; at 0 the most probable token is taken each time.
  package var temperature: Double
  /// Above 0, up to 1: only tokens that reach this probability together are drawn from.
  package var topP: Double
  /// Only so many tokens are drawn from; 0 for all.
  package var topK: Int
  /// Tokens of the answer at most; nil for what the context leaves.
  package var maxTokens: Int?
  /// Of the draw; without effect at temperature 0.
  package var seed: Int64
  /// The answer ends before the first of these texts.
  package var stop: [String]
  /// Which of several answers to one request this is, from 0: each is a draw of its own.
  package var choice: Int
  /// How many alternatives to each token to report, beside its own probability; nil for nothing.
  package var alternatives: Int?

  package init(
    messages: [ChatMessage],
    temperature: Double = 1,
    topP: Double = 1,
    topK: Int = 0,
    maxTokens: Int? = nil,
    seed: Int64 = 0,
    stop: [String] = [],
    choice: Int = 0,
    alternatives: Int? = nil
  ) {
    self.messages = messages
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.maxTokens = maxTokens
    self.seed = seed
    self.stop = stop
    self.choice = choice
    self.alternatives = alternatives
  }

  /// Refuses values that mean nothing.
  func check() throws(GenerationError) {
    func fail(_ name: String, _ message: String) -> GenerationError {
      .invalidParameter(name: name, message: message)
    }
    guard !messages.isEmpty else { throw fail("messages", "is empty; expected at least one") }
    guard (0...2).contains(temperature) else {
      throw fail("temperature", "is \(temperature); expected 0 to 2")
    }
    guard topP > 0, topP <= 1 else {
      throw fail("top_p", "is \(topP); expected more than 0, at most 1")
    }
    guard topK >= 0 else { throw fail("top_k", "is \(topK); expected 0 (for all) or more") }
    if let maxTokens, maxTokens < 1 {
      throw fail("max_tokens", "is \(maxTokens); expected at least 1")
    }
    guard !stop.contains(where: \.isEmpty) else {
      throw fail("stop", "has an empty text, which would end every answer at once")
    }
    if let alternatives, !(0...20).contains(alternatives) {
      throw fail("top_logprobs", "is \(alternatives); expected 0 to 20")
    }
  }
}

/// An answer, and what it took.
package struct GenerationResult: Sendable, Hashable {
  /// Why the answer ended.
  package enum FinishReason: String, Sendable {
    /// The model ended its turn, or a stop text came.
    case stop
    /// The limit of tokens or the end of the context was reached.
    case length
  }

  package let text: String
  package let finishReason: FinishReason
  package let promptTokens: Int
  /// Tokens the model chose, with the one that ends the turn.
  package let completionTokens: Int
  /// The tokens of the text with their probabilities; empty where none were asked for.
  package let tokens: [ScoredToken]
}

/// A part of an answer in the making.
package struct GenerationPiece: Sendable, Hashable {
  /// Whole characters, none of which a stop text can take back.
  package let text: String
  /// Tokens said since the piece before; empty where no probabilities were asked for.
  package let tokens: [ScoredToken]
}

/// Why there is no answer.
package enum GenerationError: Error, Hashable, Sendable {
  /// The prompt leaves no room for even one token of answer.
  case promptTooLong(tokens: Int, context: Int)
  /// The name is spelled as in the OpenAI API.
  case invalidParameter(name: String, message: String)
  /// The model's numbers overflowed: its weights are unusable.
  case scoresNotFinite
  /// The calling task was cancelled.
  case cancelled
}

extension GenerationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .promptTooLong(let tokens, let context):
      "the prompt has \(tokens) tokens, which leaves no room for an answer in the model's "
        + "context of \(context)"
    case .invalidParameter(let name, let message): "'\(name)' \(message)"
    case .scoresNotFinite:
      "the model's scores are not finite numbers; its weights cannot be used"
    case .cancelled: "the request was cancelled"
    }
  }
}
