import Primitives
import Store
import Tasks

/// A row of a dataset, and what it was answered with.
struct AnsweredRow: Sendable {
  enum Answer: Sendable {
    /// A row's samples; none where nobody answered it.
    case completions([CompletionRow])
    /// A label that was read before.
    case label(LabelRow?)
  }

  let record: Record
  let answer: Answer

  init(_ record: Record, _ answer: Answer) {
    self.record = record
    self.answer = answer
  }

  init(_ record: Record, _ completions: [CompletionRow]) {
    self.init(record, .completions(completions))
  }
}

/// The rows of a dataset beside the completions or labels that exist for them, some at a time, read
/// where reading may block.
final class AnsweredRows: @unchecked Sendable {
  // Safe: one task at a time awaits `next`, which is the only use of the readers.
  private var lines: LineReader
  private let find: (String) throws -> AnsweredRow.Answer

  /// - Parameters:
  ///   - data: The dataset's rows.
  ///   - completions: Where its completions are.
  /// - Throws: `SystemError` when a file cannot be read.
  init(data: String, completions: String) throws {
    lines = try LineReader(path: data)
    let lookup = CompletionLookup(try CompletionIndex(path: completions))
    find = { .completions(try lookup.index.find($0)) }
  }

  init(data: String, labels: String) throws {
    lines = try LineReader(path: data)
    let lookup = LabelLookup(try LabelIndex(path: labels))
    find = { .label(try lookup.index.find($0)) }
  }

  /// Up to `count` rows; none behind the last.
  func next(_ count: Int) async throws -> [AnsweredRow] {
    try await Blocking.run { [self] in
      var rows: [AnsweredRow] = []
      while rows.count < count, let line = try lines.next() {
        let record = try Record(line: line)
        rows.append(AnsweredRow(record, try find(record.id)))
      }
      return rows
    }
  }
}
