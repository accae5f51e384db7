package import Primitives

/// What a model is, apart from how it is reached: the part of every key that names the model.
///
/// Two endpoints with equal identities are taken to give the same answers.
package struct ModelIdentity: Hashable, Sendable {
  package let json: JSON
  /// Canonical JSON of the identity.
  package let text: String

  package init(json: JSON) {
    self.json = json
    text = json.canonicalText
  }

  /// A model behind somebody's endpoint: origin and base path, name, and revision if one is stated.
  package static func endpoint(
    _ address: ServiceAddress,
    model: String,
    revision: String?
  ) -> ModelIdentity {
    var members = JSONObject([
      ("endpoint", .string(address.baseURL)), ("model", .string(model)),
    ])
    members["revision"] = revision.map(JSON.string)
    return ModelIdentity(json: .object(members))
  }

  /// A model that several endpoints offer, as the user declares with `identity: NAME`.
  ///
  /// Neither address nor model name is part of it: providers name one model differently.
  package static func named(_ name: String, revision: String?) -> ModelIdentity {
    var members = JSONObject([("identity", .string(name))])
    members["revision"] = revision.map(JSON.string)
    return ModelIdentity(json: .object(members))
  }

  /// An embedded or locally tuned model: its checkpoint and the version of what computes it.
  package static func checkpoint(_ digest: Digest, runtime: String) -> ModelIdentity {
    ModelIdentity(json: ["checkpoint": .string(digest.hex), "runtime": .string(runtime)])
  }

  /// A model tuned by a provider's job: the digest of what the fine-tuning yielded.
  package static func tuned(_ fineTuneOutput: Digest) -> ModelIdentity {
    ModelIdentity(json: ["tuned": .string(fineTuneOutput.hex)])
  }

  package static func == (left: ModelIdentity, right: ModelIdentity) -> Bool {
    UTF8Order.equal(left.text, right.text)
  }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
