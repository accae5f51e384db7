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

  /// A row's label, and where its samples' two readings differ.
  struct Made {
    let row: LabelRow
    /// Lines of the part `disagreements`.
    let disagreements: [JSON]
  }

  mutating func run(
    completions path: String,
    records recordPath: String?,
    emit: (Made) throws -> Void
  ) throws {
    var groups = try CompletionGroups(path: path)
    var records = try recordPath.map { try RecordCursor(path: $0) }
    while let group = try groups.next() {
      let record = try records?.find(group[0].id)
      let made = label(group, record)
      tally.count(made.row, agrees: made.disagreements.isEmpty)
      try emit(made)
    }
  }

  private func label(_ group: [CompletionRow], _ record: Record?) -> Made {
    let samples = group.map { SampleReading($0, settings, record) }
    let row = settings.votes ? voted(group, samples) : single(group[0], samples[0])
    // Samples that nobody votes with say nothing of the label.
    let counting = settings.votes ? samples : [samples[0]]
    return Made(row: row, disagreements: counting.flatMap(\.disagreements))
  }

  private func voted(_ group: [CompletionRow], _ samples: [SampleReading]) -> LabelRow {
    let equal = settings.reading.equal
    let vote = MajorityVote(minVotes: settings.minVotes).decide(samples.map(\.value)) {
      equal($0, $1)
    }
    let state: LabelRow.State =
      vote.value != nil ? .valid : vote.valid == 0 ? Self.state(of: group[0]) : .undecided
    // The conversation that led to the winner stays whole.
    let winner = vote.value.flatMap { value in
      samples.first { $0.value.map { equal($0, value) } ?? false }
    }
    let kept = kept(group[0])
    return LabelRow(
      id: group[0].id,
      state: state,
      label: vote.value ?? kept.label,
      turns: winner?.turns ?? kept.turns,
      strict: nil,
      flexible: nil,
      votes: vote.votes,
      readable: vote.valid
    )
  }

  private func single(_ row: CompletionRow, _ sample: SampleReading) -> LabelRow {
    let isValid = sample.value != nil
    let kept = kept(row)
    return LabelRow(
      id: row.id,
      state: isValid ? .valid : Self.state(of: row),
      label: sample.value ?? kept.label,
      turns: isValid ? sample.turns : kept.turns,
      strict: sample.last?.strict,
      flexible: sample.last?.flexible,
      votes: isValid ? 1 : 0,
      readable: isValid ? 1 : 0
    )
  }

  /// What an invalid row keeps as its label: the whole text, or the turns of a conversation that the
  /// model ended by itself.
  private func kept(_ row: CompletionRow) -> (label: String?, turns: [String]) {
    guard settings.keepsInvalid else { return (nil, []) }
    let turns = row.turns.filter { settings.readable.contains($0.state) && !$0.text.isEmpty }
    if let last = turns.last { return (last.text, turns.map(\.text)) }
    return (row.text.isEmpty ? nil : row.text, [])
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
