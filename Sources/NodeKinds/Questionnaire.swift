import Execution
import ModelService
import Primitives
import Tasks

/// The calls that ask one model about every row of a source, and their answers.
///
/// What `generate`, `evaluate`, `tune` and `judge` have in common. A call is known by its key, so
/// nothing is kept of a pass through the rows: the next reads the answers from the ledger, in the
/// rows' order. Conversations are asked in waves, a turn of each in one pass.
package struct Questionnaire: Sendable {
  /// By which of a service's ways the calls go; it changes no answer and no key.
  enum Mode: String, Sendable, CaseIterable {
    case online, batch
  }

  let prompt: PromptTemplate
  let decoding: DecodingParameters
  let model: ModelReference
  /// What is asked about.
  let source: any RecordSource
  let samples: Int
  let seed: Int
  /// How many further draws an answer that is not usable gets.
  let rerolls: Int
  let mode: Mode
  /// Made once: it stands in the key of every call.
  let identity: ModelIdentity
  /// Asks about the first rows only: for a pilot.
  var rowLimit: Int?

  /// How many rows are looked up in the ledger at once.
  static let chunk = 256

  init(
    prompt: PromptTemplate,
    decoding: DecodingParameters,
    model: ModelReference,
    source: any RecordSource,
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
    self.source = source
    self.samples = samples
    self.seed = seed
    self.rerolls = rerolls
    self.mode = mode
  }

  /// Whether an answer may lead to a further call.
  var isContinued: Bool { rerolls > 0 || prompt.turnsField != nil }

  /// The records from the beginning, as far as they are asked about.
  func records() async throws -> RecordStream {
    try await RecordStream(source, limit: rowLimit)
  }
}
