package import Diagnostics
import Primitives

/// The part of a template that shapes what a model is asked: messages, token limit, examples.
///
/// Nothing here says how an answer is read, so a changed reading leaves this part, and with it
/// every call, as it was.
package struct PromptTemplate: Sendable {
  /// A worked example: what was asked, and the answer, as messages.
  struct Example: Sendable {
    let question: [ChatMessage]
    let answer: ChatMessage
  }

  struct MessageTemplate: Sendable {
    let role: ChatMessage.Role
    let content: TextTemplate
  }

  /// Raised when the same template and record would give other messages; part of the keys of what
  /// renders prompts.
  package static let rendererVersion = 1

  let messages: [MessageTemplate]
  /// The most tokens that an answer may have, unless the decoding says otherwise.
  package let maxTokens: Int
  /// The examples to choose from: one more than `shots` where the data has that many, since a row
  /// that is itself among them is left out.
  let examples: [Example]
  /// How many examples each prompt shows.
  package let shots: Int
  /// The record's field with what the user says turn by turn, behind the messages; nil where one
  /// answer is all that is asked for.
  package let turnsField: String?

  init(
    messages: [MessageTemplate],
    maxTokens: Int,
    examples: [Example] = [],
    shots: Int = 0,
    turnsField: String? = nil
  ) {
    self.messages = messages
    self.maxTokens = maxTokens
    self.examples = examples
    self.shots = shots
    self.turnsField = turnsField
  }

  /// The fields that a record must have, in the order of their first use.
  package var variables: [String] {
    var names: [String] = []
    for name in messages.flatMap(\.content.variables) + [turnsField].compactMap(\.self)
    where !names.contains(where: { UTF8Order.equal($0, name) }) {
      names.append(name)
    }
    return names
  }

  /// A problem for every variable that is not among the fields of a dataset.
  package func problems(fields: [String]) -> [Problem] {
    let known = fields + ["id", "label"]
    return messages.flatMap { message in
      message.content.variables
        .filter { name in !known.contains { UTF8Order.equal($0, name) } }
        .map { name in
          Problem(
            "no record has a field '\(name)'",
            at: message.content.location(of: name),
            hint: "the fields are \(known.map { "'\($0)'" }.joined(separator: ", "))"
          )
        }
    }
  }

  /// The messages for one record: the system's, the examples', the record's own; of a conversation
  /// those of its first turn.
  package func render(_ record: Record) throws(Problem) -> [ChatMessage] {
    try render(record, after: [])
  }

  /// The messages that stand in the template itself, for one record, with the examples.
  func opening(_ record: Record) throws(Problem) -> [ChatMessage] {
    var system: [ChatMessage] = []
    var own: [ChatMessage] = []
    for message in messages {
      let content = try message.content.render(record)
      let rendered = ChatMessage(role: message.role, content: content)
      if message.role == .system { system.append(rendered) } else { own.append(rendered) }
    }
    let shown = examples.filter { $0.question != own }.prefix(shots)
    return system + shown.flatMap { $0.question + [$0.answer] } + own
  }

  /// This prompt with worked examples before the record's own messages.
  ///
  /// - Parameters:
  ///   - records: The examples, each with a label; best one more than `shots`.
  ///   - shots: How many of them a prompt shows.
  ///   - target: How a label is written as the assistant's turn.
  /// - Returns: The prompt with examples.
  /// - Throws: A problem for a record without a label or without a field, and for too few records.
  package func adding(
    examples records: [Record],
    shots: Int,
    target: TargetTemplate
  ) throws(Problem) -> PromptTemplate {
    guard turnsField == nil else {
      throw Problem(
        "a template of conversations (with 'turns') takes no examples",
        at: nil,
        hint: "leave 'examples' out, or write an opening in the template's 'messages'"
      )
    }
    guard records.count >= shots else {
      throw Problem(
        "\(shots) examples are wanted, but only \(records.count) records have a label",
        at: nil,
        hint: "lower 'rows' under 'examples', or take them from more data"
      )
    }
    let bare = PromptTemplate(
      messages: messages.filter { $0.role != .system },
      maxTokens: maxTokens
    )
    var examples: [Example] = []
    for record in records {
      guard let label = record.label else {
        throw Problem("record '\(record.id)' has no label, so it can be no example", at: nil)
      }
      examples.append(
        Example(
          question: try bare.render(record),
          answer: try target.render(record, label: label)
        )
      )
    }
    return PromptTemplate(
      messages: messages,
      maxTokens: maxTokens,
      examples: examples,
      shots: shots
    )
  }
}
