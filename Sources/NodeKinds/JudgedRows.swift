import Execution
import ModelService
import Primitives
import Store
import Tasks
import Workflow

/// What a judge rates: the rows of a dataset, or the answers to them, turn by turn.
///
/// Dataset and completions are read side by side, so that neither need fit in memory.
struct JudgedRows: Sendable {
  enum Subject: Sendable {
    /// The rows themselves.
    case rows
    /// The answers in a completions object.
    case answers(path: String)
    /// Answers that are yet to come: every turn stands there as if it had one, so that templates can
    /// be tried before anything is paid.
    case anyAnswers
  }

  let subject: Subject
  /// The dataset's rows, a verified object.
  let dataPath: String
  /// The prompt that was answered; nil where answers were recorded without one, and for a dataset.
  let prompt: PromptTemplate?
  /// Which answers are shown to the judge.
  let readable: ReadableStates

  /// What an instance of the kind judges; nil as long as the dataset is not known.
  init?(_ inputs: Inputs, _ objects: ObjectStore) async throws {
    readable = ReadableStates(inputs.settings)
    if let of = inputs.artifact("of"), of.type == .dataset {
      subject = .rows
      dataPath = try await objects.verifiedPath(of.require(Part.rows))
      prompt = nil
      return
    }
    guard let data = inputs.artifact("of.data")?[Part.rows] else { return nil }
    dataPath = try await objects.verifiedPath(data)
    if let part = inputs.artifact("of.prompt")?[Part.prompt] {
      prompt = try PromptTemplate(json: JSON(parsing: try await objects.read(part)))
    } else {
      prompt = nil
    }
    if let completions = inputs.artifact("of")?[Part.rows] {
      subject = .answers(path: try await objects.verifiedPath(completions))
    } else {
      subject = .anyAnswers
    }
  }

  /// Starts at the beginning, and reads nothing yet.
  func reader() throws -> JudgedRowReader { try JudgedRowReader(self) }
}

extension JudgedRows: RecordSource {
  /// The records that the judge is shown, in order; turns without an answer have none.
  func open() throws -> any RecordReading { Shown(try reader()) }

  private final class Shown: RecordReading {
    private let rows: JudgedRowReader
    private var waiting: ArraySlice<Record> = []

    init(_ rows: JudgedRowReader) {
      self.rows = rows
    }

    func next() throws -> Record? {
      while waiting.isEmpty {
        guard let row = try rows.next() else { return nil }
        waiting = row.turns.compactMap(\.record)[...]
      }
      return waiting.removeFirst()
    }
  }
}

/// One row of the dataset with everything in it that is to be rated.
struct JudgedRow: Sendable {
  let id: String
  let turns: [JudgedTurn]
}

/// One turn of a conversation, or the one answer to a row, or the row itself.
struct JudgedTurn: Sendable {
  let sample: Int
  /// From 0.
  let turn: Int
  /// What the judge's template is filled with; nil where there is no answer to be rated.
  let record: Record?
  /// What became of the answer where it is not rated; nil where none is known.
  let state: Answer.State?
}
