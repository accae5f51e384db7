import ModelService
import Primitives
import Tasks

/// Puts the rows of a dataset together with the answers to them.
final class JudgedRowReader {
  private let source: JudgedRows
  private var lines: LineReader
  private var completions: CompletionIndex?

  init(_ source: JudgedRows) throws {
    self.source = source
    lines = try LineReader(path: source.dataPath)
    if case .answers(let path) = source.subject { completions = try CompletionIndex(path: path) }
  }

  /// The next row of the dataset, whether there are answers to it or not; nil behind the last.
  func next() throws -> JudgedRow? {
    guard let line = try lines.next() else { return nil }
    let record = try Record(line: line)
    switch source.subject {
    case .rows:
      let turn = JudgedTurn(sample: 0, turn: 0, record: record, state: nil)
      return JudgedRow(id: record.id, turns: [turn])
    case .anyAnswers:
      return JudgedRow(id: record.id, turns: try turns(of: record, try imagined(record)))
    case .answers:
      let answers = try completions?.find(record.id) ?? []
      guard !answers.isEmpty else {
        let count = try userTurns(of: record)?.count ?? 1
        return JudgedRow(id: record.id, turns: missing(0..<count, sample: 0))
      }
      return JudgedRow(
        id: record.id,
        turns: try answers.flatMap { try turns(of: record, $0) }
      )
    }
  }

  /// Answers to every turn of a record that has none yet.
  private func imagined(_ record: Record) throws -> CompletionRow {
    let count = try userTurns(of: record)?.count ?? 1
    let turn = CompletionRow.Turn(text: "…")
    return CompletionRow(id: record.id, sample: 0, turns: Array(repeating: turn, count: count))
  }

  /// What the user says turn by turn: as the prompt's template has it, or in the field `turns` of
  /// recorded conversations.
  private func userTurns(of record: Record) throws -> [String]? {
    if let prompt = source.prompt { return try prompt.turns(of: record) }
    let turns = record["turns"]?.array?.compactMap(\.string)
    return turns?.isEmpty == false ? turns : nil
  }

  private func missing(_ turns: Range<Int>, sample: Int) -> [JudgedTurn] {
    turns.map { JudgedTurn(sample: sample, turn: $0, record: nil, state: nil) }
  }

  // MARK: The turns of one sample

  private func turns(of record: Record, _ completion: CompletionRow) throws -> [JudgedTurn] {
    let answers =
      completion.isConversation
      ? completion.turns : [CompletionRow.Turn(state: completion.state, text: completion.text)]
    let count = max(try userTurns(of: record)?.count ?? 1, answers.count)
    var history: [(request: String?, response: String)] = []
    var turns: [JudgedTurn] = []
    for (number, answer) in answers.enumerated() {
      let isShown = source.readable.contains(answer.state)
      let request = try isShown ? request(record, turn: number, behind: history) : nil
      turns.append(
        JudgedTurn(
          sample: completion.sample,
          turn: number,
          record: isShown ? shown(record, request, answer.text, history) : nil,
          state: isShown ? nil : answer.state
        )
      )
      history.append((request, answer.text))
    }
    return turns + missing(answers.count..<count, sample: completion.sample)
  }

  /// What the user said in a turn, as the model saw it; nil where nothing says so.
  private func request(
    _ record: Record,
    turn: Int,
    behind history: [(request: String?, response: String)]
  ) throws -> String? {
    let turns = try userTurns(of: record)
    if let prompt = source.prompt, turn == 0 || turn < turns?.count ?? 0 {
      return try prompt.render(record, after: history.map(\.response)).last?.content
    }
    return turn < turns?.count ?? 0 ? turns?[turn] : nil
  }

  /// The record with the turn in it, whose names come before the record's own.
  private func shown(
    _ record: Record,
    _ request: String?,
    _ response: String,
    _ history: [(request: String?, response: String)]
  ) -> Record {
    var fields = record.fields
    fields["request"] = request.map(JSON.string)
    fields["response"] = .string(response)
    fields["history"] = .array(
      history.map { before in
        var turn = JSONObject([("response", .string(before.response))])
        turn["request"] = before.request.map(JSON.string)
        return .object(turn)
      }
    )
    return Record(id: record.id, fields: fields, label: record.label)
  }
}
