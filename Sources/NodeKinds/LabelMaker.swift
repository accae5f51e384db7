import ModelService
import Primitives
import Tasks
import Workflow

/// Turns the completions of one dataset into labels, a row at a time.
///
/// Completions and records are read side by side: completions are in dataset order with a row's
/// samples next to each other, so that neither need fit in memory.
struct LabelMaker {
  struct Settings: Sendable {
    let reading: Reading
    let readable: ReadableStates
    /// Whether several samples of a row are put to the vote; else the first one counts.
    let votes: Bool
    let minVotes: Int
    /// Whether a row without a readable answer keeps the completion's text as its label.
    let keepsInvalid: Bool
  }

  private let settings: Settings
  private(set) var tally = LabelTally()

  init(settings: Settings) {
    self.settings = settings
  }

  mutating func run(
    completions path: String,
    records recordPath: String?,
    emit: (LabelRow) throws -> Void
  ) throws {
    var groups = try CompletionGroups(path: path)
    var records = try recordPath.map { try RecordCursor(path: $0) }
    while let group = try groups.next() {
      let record = try records?.find(group[0].id)
      let (row, agrees) = label(group, record)
      tally.count(row, agrees: agrees)
      try emit(row)
    }
  }

  private func label(_ group: [CompletionRow], _ record: Record?) -> (LabelRow, agrees: Bool) {
    let answers = group.map { row in
      settings.readable.contains(row.state) ? settings.reading.read(row.text, for: record) : nil
    }
    guard settings.votes else { return single(group[0], answers[0]) }
    let vote = MajorityVote(minVotes: settings.minVotes).decide(answers.map { $0?.value }) {
      settings.reading.equal($0, $1)
    }
    let agrees = answers.allSatisfy { $0?.agrees ?? true }
    let state: LabelRow.State =
      vote.value != nil ? .valid : vote.valid == 0 ? Self.state(of: group[0]) : .undecided
    let row = LabelRow(
      id: group[0].id,
      state: state,
      label: vote.value ?? kept(group[0]),
      strict: nil,
      flexible: nil,
      votes: vote.votes,
      readable: vote.valid
    )
    return (row, agrees)
  }

  private func single(_ row: CompletionRow, _ answer: ReadAnswer?) -> (LabelRow, agrees: Bool) {
    let isValid = answer?.value != nil
    let made = LabelRow(
      id: row.id,
      state: isValid ? .valid : Self.state(of: row),
      label: answer?.value ?? kept(row),
      strict: answer?.strict,
      flexible: answer?.flexible,
      votes: isValid ? 1 : 0,
      readable: isValid ? 1 : 0
    )
    return (made, answer?.agrees ?? true)
  }

  private func kept(_ row: CompletionRow) -> String? {
    settings.keepsInvalid && !row.text.isEmpty ? row.text : nil
  }

  /// Why a completion gave no label.
  private static func state(of row: CompletionRow) -> LabelRow.State {
    row.state == .answered ? .unreadable : LabelRow.State(rawValue: row.state.rawValue) ?? .rejected
  }
}

/// The completions of a file, a row's samples together.
struct CompletionGroups: ~Copyable {
  private var lines: LineReader
  private var pending: CompletionRow?

  init(path: String) throws {
    lines = try LineReader(path: path)
  }

  mutating func next() throws -> [CompletionRow]? {
    var group: [CompletionRow] = []
    if let first = pending { group.append(first) }
    pending = nil
    while let line = try lines.next() {
      let row = try CompletionRow(line: line)
      if let first = group.first, !UTF8Order.equal(first.id, row.id) {
        pending = row
        break
      }
      group.append(row)
    }
    return group.isEmpty ? nil : group
  }
}

/// Finds records by id in a file whose order the callers' ids follow, skipping what they skip.
struct RecordCursor: ~Copyable {
  private var lines: LineReader

  init(path: String) throws {
    lines = try LineReader(path: path)
  }

  /// The record of an id at or behind the last one found; nil when the file ends without it.
  mutating func find(_ id: String) throws -> Record? {
    while let line = try lines.next() {
      let record = try Record(line: line)
      if UTF8Order.equal(record.id, id) { return record }
    }
    return nil
  }
}
