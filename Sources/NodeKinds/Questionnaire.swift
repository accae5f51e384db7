import Execution
import ModelService
import Primitives
import Store
import Tasks

/// The calls that ask one model about every row of a dataset, and their answers.
///
/// What `generate`, `evaluate` and `tune` have in common. A call is known by its key, so nothing
/// is kept of the first pass: the second reads the answers from the ledger in dataset order.
package struct Questionnaire: Sendable {
  /// By which of a service's ways the calls go; it changes no answer and no key.
  enum Mode: String, Sendable, CaseIterable {
    case online, batch
  }

  let prompt: PromptTemplate
  let decoding: DecodingParameters
  let model: ModelReference
  /// The dataset's rows, a verified object.
  let dataPath: String
  let samples: Int
  let seed: Int
  /// How many further draws an answer that is not usable gets.
  let rerolls: Int
  let mode: Mode
  /// Made once: it stands in the key of every call.
  private let identity: ModelIdentity
  /// Asks about the first rows only: for a pilot.
  var rowLimit: Int?

  /// How many rows are looked up in the ledger at once.
  static let chunk = 256

  init(
    prompt: PromptTemplate,
    decoding: DecodingParameters,
    model: ModelReference,
    dataPath: String,
    samples: Int,
    seed: Int,
    rerolls: Int = 0,
    mode: Mode = .online
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
    identity = ModelIdentity(json: model.identity)
    self.dataPath = dataPath
    self.samples = samples
    self.seed = seed
    self.rerolls = rerolls
    self.mode = mode
  }

  /// The calls for one row, one a sample: each the first draw.
  func calls(for record: Record) throws -> [ModelCall] {
    let messages = try prompt.render(record).map {
      PromptMessage(role: $0.role.rawValue, content: $0.content)
    }
    let request = LogicalRequest(messages: messages, decoding: decoding)
    return (0..<samples).map { sample in
      ModelCall(request, draw: Draw(seed: Int64(seed), sample: sample), model: identity)
    }
  }

  /// The next draw of a call whose answer is not usable; nil if there is to be none.
  func reroll(of call: ModelCall, after answer: Answer) -> ModelCall? {
    guard call.draw.reroll < rerolls, Self.mayReroll(answer.state) else { return nil }
    let draw = Draw(
      seed: call.draw.seed,
      sample: call.draw.sample,
      reroll: call.draw.reroll + 1
    )
    return ModelCall(call.request, draw: draw, model: identity)
  }

  /// A service that cannot take the request will not take it the next time either, and a call that
  /// was given up is not to be paid again.
  private static func mayReroll(_ state: Answer.State) -> Bool {
    switch state {
    case .answered, .rejected, .skipped: false
    case .truncated, .refused, .filtered, .empty, .toolCall, .unknownFinish, .looped: true
    }
  }
}

/// The records of a stored dataset, some at a time, read where reading may block.
final class RecordStream: @unchecked Sendable {
  // Safe: one task at a time awaits `next`, which is the only use of the reader.
  private var lines: LineReader
  private var left: Int

  /// Reads a file from its beginning, up to a number of rows if one is given.
  init(path: String, limit: Int? = nil) async throws {
    lines = try LineReader(path: path)
    left = limit ?? .max
  }

  /// Up to `count` records; none behind the last.
  func next(_ count: Int) async throws -> [Record] {
    try await Blocking.run { [self] in
      var records: [Record] = []
      while records.count < min(count, left), let line = try lines.next() {
        records.append(try Record(line: line))
      }
      left -= records.count
      return records
    }
  }
}
