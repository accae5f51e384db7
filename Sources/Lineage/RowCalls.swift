import ModelService
import Primitives
import Store
import Tasks

/// The calls that an action made for a row, by the keys that they have in the ledger.
///
/// A call is known by its key alone, and a row keeps no key: it is made again here, of the parts and
/// settings in the action's preimage, as the action made it.
struct RowCalls {
  let prompt: PromptTemplate
  let decoding: DecodingParameters
  let identity: ModelIdentity
  let seed: Int64
  let samples: Int
  let rerolls: Int

  /// - Throws: Damage of a part, or parts that are gone.
  init?(_ step: Step, _ objects: ObjectStore) async throws {
    guard let template = step.consumed("template", PartName.prompt),
      let identity = step.preimage["models"]?["model"]
    else { return nil }
    prompt = try PromptTemplate(json: JSON(parsing: try await objects.read(template)))
    var decoding = DecodingParameters()
    if let chosen = step.consumed("decoding", PartName.chosen) {
      decoding = try DecodingParameters(json: JSON(parsing: try await objects.read(chosen)))
    } else if let written = step.settings["decoding"] {
      decoding = try DecodingParameters(json: written)
    }
    decoding.maxTokens = decoding.maxTokens ?? prompt.maxTokens
    self.decoding = decoding
    self.identity = ModelIdentity(json: identity)
    seed = step.settings["seed"]?.integer ?? 0
    samples = step.settings["samples"]?.int ?? 1
    rerolls = step.settings["reroll"]?.int ?? 0
  }

  /// The call of one draw, in a conversation behind the answers to the turns before.
  func call(
    _ record: Record,
    after answers: [String] = [],
    sample: Int,
    reroll: Int
  ) throws -> ModelCall {
    let messages = try prompt.render(record, after: answers).map {
      PromptMessage(role: $0.role.rawValue, content: $0.content)
    }
    return ModelCall(
      LogicalRequest(messages: messages, decoding: decoding),
      draw: Draw(seed: seed, sample: sample, reroll: reroll),
      model: identity
    )
  }

  /// How often a record is asked about, for one sample: the turns of its conversation, else once.
  func turns(of record: Record) throws -> Int { try prompt.turns(of: record)?.count ?? 1 }
}
