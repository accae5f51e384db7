import Execution
import Primitives
import Tasks

/// Joins recorded answers to records, by id or by the text of a field.
struct AnswerJoiner: Sendable {
  struct Tally: Sendable {
    var rows = 0
    var answers = 0
    var unanswered = 0
    var unmatched = 0
    /// Conversations with fewer recorded answers than turns.
    var short = 0
  }

  let source: RecordedAnswerSource
  let dataPath: String
  /// Where a record holds the prompt; nil when joined by id.
  let field: JSONPath?
  /// The template that the answers were made with, where one is named.
  let prompt: PromptTemplate?
  /// Where the answers lie until the rows ask for them.
  let scratch: String

  /// Emits the completions in dataset order, a row's answers in file order.
  func run(emit: (CompletionRow) throws -> Void) throws -> Tally {
    let shelf = try AnswerShelf(in: scratch)
    try RecordedAnswers.read(source) { try shelf.add($0, key: Self.normalized($0.key)) }
    var tally = Tally()
    var lines = try LineReader(path: dataPath)
    while let line = try lines.next() {
      let record = try Record(line: line)
      tally.rows += 1
      let answers = try shelf.answers(Self.normalized(try Self.key(of: record, at: field)))
      if answers.isEmpty { tally.unanswered += 1 }
      for (sample, answer) in answers.enumerated() {
        tally.answers += 1
        try emit(try completion(of: record, sample, answer, &tally))
      }
    }
    tally.unmatched = shelf.unwanted
    return tally
  }

  /// What ties a record to its answers: the text at a path, or its id where there is none.
  static func key(of record: Record, at field: JSONPath?) throws(NodeFailure) -> String {
    guard let field else { return record.id }
    guard let text = field.value(in: record.json).flatMap(Scalar.text) else {
      throw NodeFailure(
        "record '\(record.id)' has no text at '\(field)', by which its answers would be found",
        hint: "name the field that repeats the prompt, as in 'matches: document', or 'matches: "
          + "turns[0]' for conversations"
      )
    }
    return text
  }

  private func completion(
    of record: Record,
    _ sample: Int,
    _ answer: RecordedAnswer,
    _ tally: inout Tally
  ) throws -> CompletionRow {
    guard let turns = try turns(of: record) else {
      guard answer.turns.isEmpty else {
        throw NodeFailure(
          "the answer in row \(answer.row) of '\(source.name)' is a list of \(answer.turns.count), "
            + "and its template asks one question",
          hint: "name a template of conversations, such as 'chat/vanilla', or one answer by a path "
            + "such as 'output[0]'"
        )
      }
      return CompletionRow(id: record.id, sample: sample, CompletionRow.Turn(text: answer.text))
    }
    let texts = answer.turns.isEmpty ? [answer.text] : answer.turns
    guard texts.count <= turns.count else {
      throw NodeFailure(
        "row \(answer.row) of '\(source.name)' has \(texts.count) answers, and record "
          + "'\(record.id)' has \(turns.count) \(turns.count == 1 ? "turn" : "turns")",
        hint: "answers belong to the user's turns in their order; look at 'fields' of the dataset"
      )
    }
    if texts.count < turns.count { tally.short += 1 }
    return CompletionRow(
      id: record.id,
      sample: sample,
      turns: texts.map { CompletionRow.Turn(text: $0) }
    )
  }

  /// What the user says turn by turn; nil where one answer is all there may be.
  private func turns(of record: Record) throws -> [String]? {
    if let prompt { return try prompt.turns(of: record) }
    let turns = record["turns"]?.array?.compactMap(\.string)
    return turns?.isEmpty == false ? turns : nil
  }

  private static func normalized(_ text: String) -> [UInt8] {
    let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { !space.contains($0) }),
      let last = bytes.lastIndex(where: { !space.contains($0) })
    else { return [] }
    return Array(bytes[first...last])
  }
}
