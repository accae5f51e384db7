import Primitives

/// How messages become one sequence of tokens: a chat template over a tokenizer.
///
/// Texts that the template writes itself may be special tokens; all else is plain text, whatever it
/// looks like.
package struct ChatFormat: Sendable {
  static let startText = "<|im_start|>"
  static let endText = "<|im_end|>"
  /// The special tokens of a new tokenizer, in the order of their ids.
  package static let specials = ["<|endoftext|>", startText, endText]

  private let tokenizer: Tokenizer
  private let template: ChatTemplate
  /// What `tokenizer_config.json` says beside the template.
  let settings: ChatSettings
  /// The token that ends a turn of the assistant.
  let end: Int32
  /// Special texts, longer ones first, so that none is taken for the start of another.
  private let specials: [Tokenizer.Special]

  init(_ tokenizer: Tokenizer, _ settings: ChatSettings = .chatML) throws(CheckpointError) {
    self.tokenizer = tokenizer
    self.settings = settings
    specials = tokenizer.specials.filter(\.isSpecial)
      .sorted { $0.text.utf8.count > $1.text.utf8.count }
    do throws(TemplateError) {
      template = try ChatTemplate(settings.template)
    } catch {
      throw ChatSettings.error("'chat_template', \(error)")
    }
    end = try Self.endOfTurn(template, settings, tokenizer, specials)
  }

  /// Finds what the template puts behind an answer, and so proves that it renders one at all.
  private static func endOfTurn(
    _ template: ChatTemplate,
    _ settings: ChatSettings,
    _ tokenizer: Tokenizer,
    _ specials: [Tokenizer.Special]
  ) throws(CheckpointError) -> Int32 {
    let chat = [ChatMessage(.user, "question"), ChatMessage(.assistant, "answer")]
    let runs: [TemplateText.Run]
    do throws(TemplateError) {
      _ = try template.rendered([chat[0]], opensAnswer: true, specials: settings.names)
      runs = try template.rendered(chat, opensAnswer: false, specials: settings.names)
    } catch {
      throw ChatSettings.error("'chat_template', \(error)")
    }
    guard let place = runs.firstIndex(where: { $0.source == .message(.assistant) }) else {
      throw ChatSettings.error("'chat_template' leaves out what the assistant says")
    }
    guard place + 1 < runs.count,
      let special = specials.first(where: { runs[place + 1].text.utf8.starts(with: $0.text.utf8) })
    else {
      throw ChatSettings.error(
        "'chat_template' puts no special token of 'tokenizer.json' behind an answer; "
          + "without one an answer has no end"
      )
    }
    return special.token
  }

  /// Tokens of the messages and of the opening of the answer to them.
  ///
  /// - Throws: `ChatError` for messages that the template refuses.
  func prompt(_ messages: [ChatMessage]) throws(ChatError) -> [Int32] {
    try sequence(messages, opensAnswer: true).tokens
  }

  /// Tokens of a whole chat; those that the assistant says, ends of turns included, count.
  ///
  /// What an assistant says is encoded apart from what stands before it, as it is when the model
  /// itself says it, token by token.
  func sequence(
    _ messages: [ChatMessage],
    opensAnswer: Bool = false
  ) throws(ChatError) -> TokenSequence {
    let runs: [TemplateText.Run]
    do throws(TemplateError) {
      runs = try template.rendered(messages, opensAnswer: opensAnswer, specials: settings.names)
    } catch {
      throw ChatError("\(error)")
    }
    var assembly = Assembly(tokenizer: tokenizer)
    for run in runs {
      switch run.source {
      case .message(.assistant): assembly.answer(run.text)
      case .message: assembly.plain(run.text)
      case .template: append(run.text, to: &assembly)
      }
    }
    assembly.flush()
    return assembly.sequence
  }

  /// Adds a text of the template, in which special tokens are such.
  private func append(_ text: String, to assembly: inout Assembly) {
    var rest = Substring(text).utf8
    var plain = rest.startIndex
    var index = rest.startIndex
    while index < rest.endIndex {
      if let special = specials.first(where: { rest[index...].starts(with: $0.text.utf8) }) {
        assembly.plain(String(decoding: rest[plain..<index], as: UTF8.self))
        assembly.special(special.token, endsTurn: special.token == end)
        rest = rest[rest.index(index, offsetBy: special.text.utf8.count)...]
        (plain, index) = (rest.startIndex, rest.startIndex)
      } else {
        index = rest.index(after: index)
      }
    }
    assembly.plain(String(decoding: rest[plain...], as: UTF8.self))
  }

  /// A sequence in the making.
  private struct Assembly {
    let tokenizer: Tokenizer
    private(set) var sequence = TokenSequence()
    /// Plain text that may go on: merges of the tokenizer cross the borders of its parts.
    private var text = ""
    /// Whether the last thing added is what the assistant says.
    private var isBehindAnswer = false

    init(tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    mutating func plain(_ more: String) {
      guard !more.isEmpty else { return }
      text += more
      isBehindAnswer = false
    }

    mutating func special(_ token: Int32, endsTurn: Bool) {
      flush()
      sequence.append([token], counts: isBehindAnswer && endsTurn)
      isBehindAnswer = false
    }

    mutating func answer(_ text: String) {
      flush()
      sequence.append(tokenizer.encode(text), counts: true)
      isBehindAnswer = true
    }

    mutating func flush() {
      guard !text.isEmpty else { return }
      sequence.append(tokenizer.encode(text), counts: false)
      text = ""
    }
  }
}
