/// ChatML: how messages become one sequence of tokens.
///
/// `<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n`, where the two markers are special
/// tokens and all else is plain text.
package struct ChatFormat: Sendable {
  static let startText = "<|im_start|>"
  static let endText = "<|im_end|>"
  /// The special tokens of a new tokenizer, in the order of their ids.
  package static let specials = ["<|endoftext|>", startText, endText]

  /// The template as `tokenizer_config.json` states it; a file with another is refused.
  static let template =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] "
    + "+ '<|im_end|>' + '\\n'}}{% endfor %}"
    + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

  private let tokenizer: Tokenizer
  private let start: Int32
  /// The token that ends a turn.
  let end: Int32

  init(_ tokenizer: Tokenizer) throws(CheckpointError) {
    guard let start = tokenizer.special(Self.startText), let end = tokenizer.special(Self.endText)
    else {
      throw Tokenizer.error(
        "lacks the special tokens '\(Self.startText)' and '\(Self.endText)' of the chat template"
      )
    }
    self.tokenizer = tokenizer
    self.start = start
    self.end = end
  }

  /// Tokens of the messages and of the opening of the answer to them.
  func prompt(_ messages: [ChatMessage]) -> [Int32] {
    var sequence = sequence(messages)
    sequence.append(opening(.assistant), counts: false)
    return sequence.tokens
  }

  /// Tokens of a whole chat; those that the assistant says, ends of turns included, count.
  ///
  /// What an assistant says is encoded apart from the line that names the role, as it is when the
  /// model itself says it, token by token.
  func sequence(_ messages: [ChatMessage]) -> TokenSequence {
    var sequence = TokenSequence()
    for message in messages {
      if message.role == .assistant {
        sequence.append(opening(.assistant), counts: false)
        sequence.append(tokenizer.encode(message.content) + [end], counts: true)
      } else {
        let text = "\(message.role.rawValue)\n\(message.content)"
        sequence.append([start] + tokenizer.encode(text) + [end], counts: false)
      }
      sequence.append(tokenizer.encode("\n"), counts: false)
    }
    return sequence
  }

  private func opening(_ role: ChatMessage.Role) -> [Int32] {
    [start] + tokenizer.encode("\(role.rawValue)\n")
  }
}

/// Tokens to train on, each marked whether the model should learn to say it.
package struct TokenSequence: Sendable, Hashable {
  package private(set) var tokens: [Int32] = []
  package private(set) var counts: [Bool] = []

  package init() {}

  mutating func append(_ more: [Int32], counts: Bool) {
    tokens.append(contentsOf: more)
    self.counts.append(contentsOf: repeatElement(counts, count: more.count))
  }

  /// Tokens that are learned; the first of a sequence follows nothing and cannot be.
  package var targetCount: Int { counts.dropFirst().count { $0 } }

  /// Drops what stands behind the last token that counts: it teaches nothing.
  func trimmed() -> TokenSequence {
    let length = (counts.lastIndex(of: true) ?? -1) + 1
    var result = self
    result.tokens.removeLast(tokens.count - length)
    result.counts.removeLast(counts.count - length)
    return result
  }
}
