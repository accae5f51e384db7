package import Primitives
package import Store

/// What a run's record says of one instance.
package struct RecordedInstance: Sendable {
  package let id: String
  package let kind: String
  /// `ran`, `reused`, `failed`, `skipped` or `interrupted`.
  package let status: String
  /// Nil where the instance was not reached.
  package let key: Digest?
  /// The key that the instance had before, where this run gave it another.
  package let previousKey: Digest?
  /// The digests of the parts consumed by slot, as in the preimage.
  package let inputs: JSONObject
  package let outputs: [(part: String, object: ObjectRef)]
  /// The run that made the result; nil without one.
  package let originRun: String?
  /// Usage, counts, timing, cost: those of the run that made the result.
  package let facts: JSONObject
  /// How long this run had to do with it.
  package let seconds: Double
  package let error: String?
  package let errorReason: String?
  package let hint: String?
  /// The whole entry.
  package let json: JSON

  static func all(_ json: JSON?) throws(RecordError) -> [RecordedInstance] {
    var instances: [RecordedInstance] = []
    for entry in json?.array ?? [] { instances.append(try RecordedInstance(json: entry)) }
    return instances
  }

  private init(json: JSON) throws(RecordError) {
    let members = try RecordReader(json, of: "an instance")
    id = try members.text("id")
    kind = try members.text("kind")
    status = try members.text("status")
    key = json["key"]?.string.flatMap { Digest(hex: $0) }
    previousKey = json["previous_key"]?.string.flatMap { Digest(hex: $0) }
    inputs = json["inputs"]?.object ?? JSONObject()
    var outputs: [(part: String, object: ObjectRef)] = []
    for output in json["outputs"]?.object?.members ?? [] {
      let members = try RecordReader(output.value, of: "output '\(output.key)'")
      let object = ObjectRef(
        digest: try members.digest("sha256"),
        size: try members.integer("size")
      )
      outputs.append((output.key, object))
    }
    self.outputs = outputs
    originRun = json["origin_run"]?.string
    facts = json["facts"]?.object ?? JSONObject()
    seconds = json["seconds"]?.number ?? 0
    error = json["error"]?.string
    errorReason = json["error_reason"]?.string
    hint = json["hint"]?.string
    self.json = json
  }

  package subscript(part: String) -> ObjectRef? {
    outputs.first { UTF8Order.equal($0.part, part) }?.object
  }

  /// Whether this run itself made the result, or tried to.
  package var isOwn: Bool { status != "reused" }
}

// MARK: - Facts

extension RecordedInstance {
  package var calls: CallFacts { CallFacts(facts) }

  /// What the result should be known to have wrong with it.
  package var notes: [String] { facts["notes"]?.array?.compactMap(\.string) ?? [] }
}

/// What the facts of a result say of its calls and its money; nil is unknown, or nothing of the kind.
package struct CallFacts: Sendable {
  /// Calls sent for the result, and answers that were there before.
  package let made: Int?
  package let reused: Int?
  /// Tokens of the calls made.
  package let promptTokens: Int?
  package let completionTokens: Int?
  /// What the calls made, or a job, cost.
  package let cost: Money?
  /// What the answers that were there had cost.
  package let saved: Money?
  /// The model as the server named it in the calls made, in order of first sight.
  package let servedModels: [String]
  /// The job at a provider, of a fine-tuning.
  package let job: String?

  package init(_ facts: JSONObject) {
    made = facts["made"]?.int
    reused = facts["reused"]?.int
    promptTokens = facts["prompt_tokens"]?.int
    completionTokens = facts["completion_tokens"]?.int
    cost = facts["cost_usd"]?.number.map(Money.init(usd:))
    saved = facts["saved_usd"]?.number.map(Money.init(usd:))
    servedModels = facts["served_models"]?.array?.compactMap(\.string) ?? []
    job = facts["job"]?.string
  }

  /// Whether anything was paid for, or might have been.
  package var isPaid: Bool { (made ?? 0) > 0 || job != nil }
}
