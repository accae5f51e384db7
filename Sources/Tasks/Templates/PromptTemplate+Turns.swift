package import Diagnostics
import Primitives

/// Conversations: what the user says stands in the record, what the assistant said is its own.
extension PromptTemplate {
  /// What the user says in each turn of a record; nil where the template asks for one answer.
  ///
  /// - Throws: A problem for a record whose field is no list of texts with something in each.
  package func turns(of record: Record) throws(Problem) -> [String]? {
    guard let turnsField else { return nil }
    guard let value = record[turnsField] else {
      throw Problem(
        "record '\(record.id)' has no field '\(turnsField)'",
        at: nil,
        hint: "a template with 'turns: \(turnsField)' finds there what the user says, turn by turn"
      )
    }
    guard let list = value.array, !list.isEmpty else {
      let found = value.array == nil ? value.kindName : "an empty one"
      throw Problem(
        "'\(turnsField)' of record '\(record.id)' must be a list of texts; found \(found)",
        at: nil,
        hint: "a conversation of one turn is a list of one text"
      )
    }
    var turns: [String] = []
    for (index, turn) in list.enumerated() {
      guard let text = turn.string, !Scalar.trimmed(text).isEmpty else {
        let found = turn.string == nil ? turn.kindName : "nothing but white space"
        throw Problem(
          "turn \(index + 1) in '\(turnsField)' of record '\(record.id)' must be a text; "
            + "found \(found)",
          at: nil
        )
      }
      turns.append(text)
    }
    return turns
  }

  /// The messages that ask for the answer behind those that were given in the turns before.
  ///
  /// - Parameters:
  ///   - record: What is asked about.
  ///   - answers: The assistant's own answers so far; none for the first turn, fewer than there are
  ///     turns.
  /// - Returns: Messages of which the last is the user's.
  /// - Throws: A problem for a record without a field that the template mentions.
  package func render(
    _ record: Record,
    after answers: [String]
  ) throws(Problem) -> [ChatMessage] {
    let opening = try opening(record)
    guard let turns = try turns(of: record) else {
      precondition(answers.isEmpty, "BUG: a template that asks one question has no second turn")
      return opening
    }
    precondition(answers.count < turns.count, "BUG: record '\(record.id)' has no further turn")
    return opening + Self.exchange(turns, answers)
      + [ChatMessage(role: .user, content: turns[answers.count])]
  }

  /// A conversation as far as it has answers, for training: every turn of the user's before the
  /// assistant's.
  ///
  /// A template that asks one question takes one answer.
  package func conversation(
    _ record: Record,
    answers: [String]
  ) throws(Problem) -> [ChatMessage] {
    let opening = try opening(record)
    let turns = try turns(of: record)
    let count = turns?.count ?? 1
    guard answers.count <= count else {
      throw Problem(
        "record '\(record.id)' has \(answers.count) answers for \(count) "
          + (count == 1 ? "turn" : "turns"),
        at: nil,
        hint: turns == nil
          ? "a template with 'turns', such as 'chat/vanilla', takes a conversation" : nil
      )
    }
    guard let turns else {
      return opening + answers.map { ChatMessage(role: .assistant, content: $0) }
    }
    return opening + Self.exchange(turns, answers)
  }

  private static func exchange(_ turns: [String], _ answers: [String]) -> [ChatMessage] {
    zip(turns, answers).flatMap { turn, answer in
      [
        ChatMessage(role: .user, content: turn), ChatMessage(role: .assistant, content: answer),
      ]
    }
  }
}
