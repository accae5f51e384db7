import Execution
import ModelService
import Primitives
import Store
import Tasks

/// The calls that ask one model about every row of a dataset, and their answers.
///
/// What `generate`, `evaluate` and `tune` have in common. A call is known by its key, so nothing
/// is kept of the first pass: the second reads the answers from the ledger in dataset order.
struct Questionnaire: Sendable {
  let prompt: PromptTemplate
  let decoding: DecodingParameters
  let model: ModelReference
  /// The dataset's rows, a verified object.
  let dataPath: String
  let samples: Int
  let seed: Int

  /// How many rows are looked up in the ledger at once.
  static let chunk = 256

  init(
    prompt: PromptTemplate,
    decoding: DecodingParameters,
    model: ModelReference,
    dataPath: String,
    samples: Int,
    seed: Int
  ) throws {
    guard samples == 1 || decoding.temperature > 0 else {
      throw NodeFailure(
        "\(samples) samples at temperature 0 would be the same answer \(samples) times",
        hint: "the tuned decoding has temperature 0; leave 'samples' out or change the grid"
      )
    }
    self.prompt = prompt
    var decoding = decoding
    decoding.maxTokens = decoding.maxTokens ?? prompt.maxTokens
    self.decoding = decoding
    self.model = model
    self.dataPath = dataPath
    self.samples = samples
    self.seed = seed
  }

  /// The calls for one row, one a sample.
  func calls(for record: Record) throws -> [ModelCall] {
    let messages = try prompt.render(record).map {
      PromptMessage(role: $0.role.rawValue, content: $0.content)
    }
    let request = LogicalRequest(messages: messages, decoding: decoding)
    let identity = ModelIdentity(json: model.identity)
    return (0..<samples).map { sample in
      ModelCall(request, draw: Draw(seed: Int64(seed), sample: sample), model: identity)
    }
  }

  /// Hands out the rows with their completions, a chunk at a time, in dataset order.
  ///
  /// Every call must have been answered; one without a recorded answer is a bug.
  func forEachChunk(
    _ service: CallService,
    _ body: ([(record: Record, completions: [CompletionRow])]) async throws -> Void
  ) async throws {
    let stream = try await RecordStream(path: dataPath)
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      let calls = try records.map { try self.calls(for: $0) }
      let answers = try await service.recordedAnswers(calls.flatMap { $0.map(\.key) })
      try await body(
        zip(records, calls).map { record, calls in
          (record, calls.map { Self.row(record, $0, answers[$0.key]) })
        }
      )
    }
  }

  private static func row(_ record: Record, _ call: ModelCall, _ answer: Answer?) -> CompletionRow {
    guard let answer else {
      preconditionFailure("BUG: call \(call.key) was made and has no answer in the ledger")
    }
    return CompletionRow(id: record.id, sample: call.draw.sample, answer: answer)
  }

  /// What `plan` shows: how many calls, and how many of them are paid already.
  func planned(_ service: CallService) async throws -> PlannedCalls {
    let stream = try await RecordStream(path: dataPath)
    var planned = PlannedCalls(total: 0, paid: 0, maxCompletionTokens: 0)
    while case let records = try await stream.next(Self.chunk), !records.isEmpty {
      let keys = try records.flatMap { try calls(for: $0).map(\.key) }
      planned.total += keys.count
      planned.paid += try await service.alreadyRecorded(keys).count
    }
    planned.maxCompletionTokens = planned.toMake * (decoding.maxTokens ?? 0)
    return planned
  }
}

/// The records of a stored dataset, some at a time, read where reading may block.
final class RecordStream: @unchecked Sendable {
  // Safe: one task at a time awaits `next`, which is the only use of the reader.
  private var lines: LineReader

  init(path: String) async throws {
    lines = try LineReader(path: path)
  }

  /// Up to `count` records; none behind the last.
  func next(_ count: Int) async throws -> [Record] {
    try await Blocking.run { [self] in
      var records: [Record] = []
      while records.count < count, let line = try lines.next() {
        records.append(try Record(line: line))
      }
      return records
    }
  }
}
